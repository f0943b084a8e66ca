/**
 * How load follows the hours, in closed form: the value at a time and the integral up to it, so that a counter needs no
 * tick. Hours are those of WITA (UTC+8).
 */
const hourS = 3600;
const dayS = 24 * hourS;
const witaOffsetS = 8 * hourS;

/** Share of the peak at each full hour, Monday to Friday and at the weekend. */
const office = {
  weekday: [22, 20, 18, 18, 18, 22, 35, 60, 88, 98, 100, 96, 80, 90, 97, 92, 66, 45, 36, 34, 34, 32, 28, 25],
  weekend: [20, 18, 17, 17, 17, 18, 20, 22, 25, 27, 28, 28, 27, 26, 26, 25, 24, 24, 26, 28, 28, 26, 24, 22],
};
const community = {
  weekday: [72, 66, 62, 61, 63, 72, 84, 93, 97, 98, 98, 98, 97, 97, 98, 98, 97, 95, 97, 100, 100, 98, 90, 80],
  weekend: [76, 70, 65, 63, 64, 70, 80, 88, 93, 96, 97, 97, 97, 97, 98, 98, 98, 97, 98, 100, 100, 99, 93, 84],
};

export class DayCurve {
  /** Value at each hour of the week (share of the peak), from Monday 00:00 WITA. */
  readonly #values: readonly number[];
  /** Integral from the week's beginning to each hour, in seconds of full load. */
  readonly #sums: readonly number[];

  constructor(weekday: readonly number[], weekend: readonly number[]) {
    this.#values = Array.from({ length: 7 }, (_, day) => (day < 5 ? weekday : weekend))
      .flat()
      .map((percent) => percent / 100);
    const sums = [0];
    for (let hour = 0; hour < this.#values.length; hour++) {
      sums.push((sums[hour] ?? 0) + (hourS * (this.#at(hour) + this.#at(hour + 1))) / 2);
    }
    this.#sums = sums;
  }

  value(timeS: number): number {
    const { hour, part } = this.#place(timeS);
    return this.#at(hour) + (this.#at(hour + 1) - this.#at(hour)) * part;
  }

  /** Seconds of full load from the epoch to `timeS`. */
  integral(timeS: number): number {
    const { week, hour, part } = this.#place(timeS);
    const from = this.#at(hour);
    const within = hourS * part * (from + ((this.#at(hour + 1) - from) * part) / 2);
    return week * (this.#sums[168] ?? 0) + (this.#sums[hour] ?? 0) + within;
  }

  #at(hour: number): number {
    return this.#values[hour % 168] ?? 0;
  }

  /** 1970-01-01 was a Thursday: a week begins four days after it. */
  #place(timeS: number): { week: number; hour: number; part: number } {
    const sinceMonday = timeS + witaOffsetS + 3 * dayS;
    const hours = sinceMonday / hourS;
    const whole = Math.floor(hours);
    const week = Math.floor(whole / 168);
    return { week, hour: whole - week * 168, part: hours - whole };
  }
}

export const officeCurve = new DayCurve(office.weekday, office.weekend);
export const communityCurve = new DayCurve(community.weekday, community.weekend);
