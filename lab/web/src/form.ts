// The form: its query, its sliders, and what is wrong with it.
import type { Faults } from "./questions";

/** What the form asks for, as a link has it; fields that are disabled count too. */
export function queryOf(form: HTMLFormElement): string {
  const query = new URLSearchParams();
  for (const field of form.elements) {
    if ((field instanceof HTMLInputElement || field instanceof HTMLSelectElement) && field.name && field.type !== "file") {
      query.append(field.name, field.value);
    }
  }
  return query.toString();
}

/** Brings a slider and the number beside it together, whichever was moved. */
export function syncSlider(form: HTMLFormElement, moved: HTMLInputElement): void {
  const named = moved.dataset.for;
  if (named) (form.elements.namedItem(named) as HTMLInputElement).value = moved.value;
  else {
    const slider = form.querySelector<HTMLInputElement>(`[data-for="${CSS.escape(moved.name)}"]`);
    if (slider && moved.value !== "") slider.value = moved.value;
  }
}

export function choose(field: HTMLSelectElement, value: string): void {
  field.value = value;
}

/** Tells each fault at its field, and what is about the whole at `status`; `ran` is whether figures of a run stand there. */
export function showFaults(form: HTMLFormElement, status: HTMLElement, faults: Faults, ran: boolean): void {
  const told = new Map<string, string>();
  for (let at = 0; at < faults.length; at += 2) told.set(faults[at], faults[at + 1]);
  for (const fault of form.querySelectorAll<HTMLElement>(".fault[id^='f-']")) {
    const name = fault.id.slice(2, -"-fault".length);
    if (name === "file") continue;
    const message = told.get(name) ?? "";
    if (fault.textContent === message) continue;
    fault.textContent = message;
    const field = form.elements.namedItem(name);
    if (field instanceof HTMLElement) {
      if (message) field.setAttribute("aria-invalid", "true");
      else field.removeAttribute("aria-invalid");
    }
  }
  const below = ran ? "the figures below are of the last run." : "nothing has been run yet.";
  const whole = told.get("") ?? (told.size > 0 ? `Mend what is marked: ${below}` : "");
  status.hidden = whole === "";
  if (status.textContent !== whole) status.textContent = whole;
}
