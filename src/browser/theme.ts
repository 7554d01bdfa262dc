import { element } from "./dom.ts";

const key = "promptgrid-theme";

/** A button that goes from the system's theme to dark, light, and back. */
export function themeButton(): HTMLButtonElement {
  const root = document.documentElement;
  const button = element("button", { type: "button", id: "theme" });
  const show = (theme: string): void => {
    if (theme === "auto") delete root.dataset.theme;
    else root.dataset.theme = theme;
    button.textContent = `theme: ${theme}`;
  };
  let theme = remembered();
  show(theme);
  button.addEventListener("click", () => {
    theme = theme === "auto" ? "dark" : theme === "dark" ? "light" : "auto";
    show(theme);
    try {
      localStorage.setItem(key, theme);
    } catch {
      // A page from disk may have no storage.
    }
  });
  return button;
}

function remembered(): string {
  try {
    const stored = localStorage.getItem(key);
    return stored === "dark" || stored === "light" ? stored : "auto";
  } catch {
    return "auto";
  }
}
