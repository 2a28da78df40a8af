// One HTML page that needs nothing else, around a figure and what belongs to it.
import { escapeText } from './axes.ts';

const STYLE = `
  :root { color-scheme: light dark; --ground: #ffffff; --ink: #1b1f24; --soft: #57606a; --edge: #e2e5e9; }
  @media (prefers-color-scheme: dark) { :root { --ground: #14171b; --ink: #e8ebef; --soft: #a3acb8; --edge: #2b3038; } }
  body { background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif;
    max-width: 1240px; margin: 2rem auto; padding: 0 1rem; }
  h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
  svg { width: 100%; height: auto; } .head { display: none; }
  pre { overflow-x: auto; border: 1px solid var(--edge); border-radius: 6px; padding: 1rem; font-size: 13px; }
  dt { font-weight: 600; } dd { margin: 0 0 .6rem; color: var(--soft); }
`;

export function preformatted(text: string): string {
  return `<pre>${escapeText(text)}</pre>`;
}

/** A list of names and what there is to say of them. */
export function definitions(entries: readonly (readonly [name: string, text: string])[]): string {
  return `<dl>
${entries.map(([name, text]) => `<dt>${escapeText(name)}</dt><dd>${escapeText(text)}</dd>`).join('\n')}
</dl>`;
}

/** `title` for the window, `heading` for the page; `parts` are HTML. */
export function toPage(title: string, heading: string, parts: readonly string[]): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${heading}</h1>
${parts.join('\n')}
</body>
</html>
`;
}
