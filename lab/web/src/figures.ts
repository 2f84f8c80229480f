// Numbers as their readers write them: as the server writes them too.

export const NONE = "–";

function decimals(places: number): Intl.NumberFormat {
  return new Intl.NumberFormat("en-GB", { minimumFractionDigits: places, maximumFractionDigits: places });
}

const formats = [0, 1, 2, 3].map(decimals);

/** A figure in its unit, with its sign where the unit begins with a `+`, and how it is coloured. */
export function number(value: number | undefined, unit: string): { text: string; look: string } {
  if (value === undefined || !Number.isFinite(value)) return { text: NONE, look: "figure" };
  const kind = unit.replace("+", "");
  const [factor, places, suffix] = units[kind] ?? [1, 2, ""];
  const plain = formats[places].format(Math.abs(value * factor));
  const nothing = !/[1-9]/.test(plain);
  const sign = nothing ? "" : value < 0 ? "−" : unit.startsWith("+") ? "+" : "";
  const look = !unit.startsWith("+") || nothing ? "figure" : value < 0 ? "figure loss" : "figure gain";
  return { text: `${sign}${plain}${suffix}`, look };
}

/** By what it is multiplied, how many decimals, and what follows. */
const units: Record<string, [number, number, string]> = {
  money: [1, 2, ""],
  percent: [100, 2, " %"],
  ratio: [1, 2, ""],
  count: [1, 0, ""],
  days: [1, 1, " d"],
  r: [1, 2, " R"],
};
