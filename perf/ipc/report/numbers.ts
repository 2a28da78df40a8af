// How sizes, counts and times are written.

/** 1, 64, 4K, 1M; what is no whole multiple stays in bytes. */
export function formatBytes(bytes: number): string {
  if (bytes >= 1048576 && bytes % 1048576 === 0) return `${bytes / 1048576}M`;
  if (bytes >= 1024 && bytes % 1024 === 0) return `${bytes / 1024}K`;
  return String(bytes);
}

/** 1,234,567 */
export const formatCount = (value: number): string => String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');

/** Three digits that mean something: 0.127, 1.31, 36.5, 14,160. */
export function formatRatio(value: number): string {
  if (value >= 100) return formatCount(value);
  return value >= 10 ? value.toFixed(1) : value >= 1 ? value.toFixed(2) : value.toPrecision(2);
}

/** Microseconds of nanoseconds. */
export const formatMicroseconds = (nanoseconds: number): string => formatRatio(nanoseconds / 1000);
