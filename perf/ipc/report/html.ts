// The comparison as one HTML page that needs nothing else: chart, tables, method.
import { LINUX_METHOD } from '../linux-baseline.ts';
import type { Row } from '../rows.ts';
import { escapeText } from './axes.ts';
import { toSvg } from './chart.ts';
import { instructionTable, timeTable } from './table.ts';

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

export function toHtml(rows: readonly Row[]): string {
  const method = Object.entries({
    'Guest system': LINUX_METHOD.system,
    Programs: LINUX_METHOD.program,
    Counted: LINUX_METHOD.counted,
    'Debian’s defaults': LINUX_METHOD.configurations.default,
    'Best case': LINUX_METHOD.configurations['best-case'],
  });
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>capvm: communication between cVMs</title>
<style>${STYLE}</style>
</head>
<body>
<h1>Communication between cVMs, beside Linux’s pipes and sockets</h1>
${toSvg(rows)}
<h2>Instructions</h2>
<pre>${escapeText(instructionTable(rows))}</pre>
<h2>Time on this host</h2>
<pre>${escapeText(timeTable(rows))}</pre>
<h2>How Linux’s instructions were counted</h2>
<dl>
${method.map(([name, text]) => `<dt>${escapeText(name)}</dt><dd>${escapeText(text)}</dd>`).join('\n')}
</dl>
</body>
</html>
`;
}
