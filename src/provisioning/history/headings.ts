/**
 * The section that each line of a configuration lies in. RouterOS names its menus on lines of their own (`/ip address`);
 * others indent what belongs to a line under it (`interface GigabitEthernet0/1`).
 */
export function headingsOf(lines: readonly string[]): readonly (string | null)[] {
  const hasMenus = lines.some((line) => /^\/[a-z]/.test(line));
  let heading: string | null = null;
  return lines.map((line) => {
    // A remark belongs to no menu.
    if (hasMenus && line.startsWith('#')) return null;
    if (hasMenus ? line.startsWith('/') : /^[^\s!#]/.test(line)) heading = line.slice(0, 120);
    return heading;
  });
}
