// The stylesheet's colours as a canvas takes them.

const pen = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });

/** The colour that `token` has where `element` stands, in the reader's scheme. */
export function colour(element: Element, token: string, alpha = 1): string {
  const probe = document.createElement("span");
  probe.style.color = `var(${token})`;
  element.append(probe);
  const computed = getComputedStyle(probe).color;
  probe.remove();
  if (!pen) return computed;
  pen.clearRect(0, 0, 1, 1);
  pen.fillStyle = computed;
  pen.fillRect(0, 0, 1, 1);
  const [red, green, blue] = pen.getImageData(0, 0, 1, 1).data;
  return `rgba(${red}, ${green}, ${blue}, ${alpha})`;
}

/** Calls `again` whenever the scheme changes; what is returned ends that. */
export function onScheme(again: () => void): () => void {
  const system = matchMedia("(prefers-color-scheme: dark)");
  system.addEventListener("change", again);
  const chosen = new MutationObserver(again);
  chosen.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  return () => {
    system.removeEventListener("change", again);
    chosen.disconnect();
  };
}
