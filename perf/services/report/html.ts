// The comparison as one HTML page that needs nothing else: chart, tables, method.
import { escapeText } from '../../ipc/report/axes.ts';
import { LINUX_METHOD } from '../linux-baseline.ts';
import type { Results } from '../results.ts';
import { toSvg } from './chart.ts';
import { servicesText } from './table.ts';

const STYLE = `
  :root { color-scheme: light dark; }
  body { font: 15px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; max-width: 1000px; margin: 2rem auto; padding: 0 1rem; }
  pre { overflow-x: auto; font-size: 13px; } svg { width: 100%; height: auto; }
`;

export function toHtml(results: Results): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>capvm: services in cVMs</title>
<style>${STYLE}</style>
</head>
<body>
${toSvg(results.rows ?? [])}
<pre>${escapeText(servicesText(results))}</pre>
<p>Linux: ${escapeText(LINUX_METHOD)}.</p>
</body>
</html>
`;
}
