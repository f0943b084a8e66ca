/**
 * The path of a sparkline: from zero to the highest value, unless the values hardly vary around a level (a voltage),
 * which is then drawn in the middle of its own range. Null breaks the line; a lone value is a dot.
 */
export function pathOf(values: readonly (number | null)[], width: number, height: number): string {
  const known = values.filter((value) => value !== null);
  if (known.length === 0 || values.length < 2) return '';
  const most = Math.max(...known);
  const least = Math.min(...known);
  const level = least > 0 && (most - least) / most < 0.25;
  const [bottom, top] = level
    ? [least - most * 0.2, most + most * 0.2]
    : [Math.min(0, least), Math.max(most, least + 1e-9)];
  const step = width / (values.length - 1);
  const y = (value: number): string => (height - 2 - ((value - bottom) / (top - bottom)) * (height - 4)).toFixed(1);
  let path = '';
  let pen = false;
  values.forEach((value, index) => {
    if (value === null) {
      pen = false;
      return;
    }
    const x = (index * step).toFixed(1);
    if (!pen) path += `M${x} ${y(value)}` + ((values[index + 1] ?? null) === null ? 'h.1' : '');
    else path += `L${x} ${y(value)}`;
    pen = true;
  });
  return path;
}
