/** A month as a grid of weeks that begin on Monday. */

export interface Month {
  year: number;
  /** 1 to 12. */
  month: number;
}

export function monthOf(date: string): Month {
  return { year: Number(date.slice(0, 4)), month: Number(date.slice(5, 7)) };
}

export function shifted({ year, month }: Month, by: number): Month {
  const at = year * 12 + (month - 1) + by;
  return { year: Math.floor(at / 12), month: (at % 12) + 1 };
}

const two = (value: number) => String(value).padStart(2, "0");

export const nameOf = ({ year, month }: Month) => `${year}-${two(month)}`;

/** Days of the month as `YYYY-MM-DD`, in weeks; undefined where another month's days would be. */
export function weeksOf(of: Month): (string | undefined)[][] {
  const first = new Date(Date.UTC(of.year, of.month - 1, 1));
  const count = new Date(Date.UTC(of.year, of.month, 0)).getUTCDate();
  const before = (first.getUTCDay() + 6) % 7;
  const cells = Array.from({ length: Math.ceil((before + count) / 7) * 7 }, (_, at) => {
    const day = at - before + 1;
    return day >= 1 && day <= count ? `${nameOf(of)}-${two(day)}` : undefined;
  });
  return Array.from({ length: cells.length / 7 }, (_, week) => cells.slice(week * 7, week * 7 + 7));
}
