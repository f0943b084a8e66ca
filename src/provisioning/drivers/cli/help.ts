/** What a device's own help must show before a line is used; of what is typed for it nothing is entered. */
export interface HelpNeed {
  /** What is typed before the question mark. It ends with a space: the device lists what may follow. */
  readonly typed: string;
  /** @param help the lines that the device showed. */
  isMetBy(help: readonly string[]): boolean;
}

/** Help is a word, and what it is for: `  in       Reload after a time interval`. A word within a description is none. */
export function lists(typed: string, ...words: readonly string[]): HelpNeed {
  return {
    typed,
    isMetBy: (help) => {
      const listed = new Set(help.map((line) => line.trim().split(/\s+/)[0]?.toLowerCase()));
      return words.every((word) => listed.has(word));
    },
  };
}

/** Minutes, as help says them: `<1-43200>  Minutes`, `Delay before reload (mmm or hhh:mm)`. */
const minutes = /\b(m{2,3}|min(ute)?s?)\b/i;
const otherwise = /\bsec(ond)?s?\b|\bs{2,3}\b|\bdays?\b|^\s*%|invalid|unrecogni[sz]ed|incomplete|ambiguous/i;

/** The next word is a number of minutes: every line that tells of a time tells of those, and none of seconds. */
export function takesMinutes(typed: string): HelpNeed {
  return { typed, isMetBy: (help) => help.some((line) => minutes.test(line)) && !help.some((line) => otherwise.test(line)) }; // prettier-ignore
}
