// The last ten minutes, in rows of GET /status/history with the counts of a few seconds each. The
// page keeps the rows that it has seen after the proxy is gone.

const BIN_MS = 6000;
const OUTCOMES = ['1xx', '2xx', '3xx', '4xx', '5xx', 'left', 'other'];

class StatusHistory {
  constructor() {
    this.rows = []; // the oldest first
  }

  // A proxy that was restarted knows only the time since then. The page knows older rows.
  take({ columns, rows }, now) {
    const told = rows.map((row) => Object.fromEntries(row.map((value, i) => [columns[i], value])));
    const begin = told.length ? told[0].end_ms : Infinity;
    const known = this.rows.filter(({ end_ms }) => end_ms < begin);
    this.rows = [...known, ...told].filter(({ end_ms }) => end_ms > now - WINDOW_MS);
  }

  // Makes fewer and calmer steps by adding counts up. Quantiles cannot be added.
  binned() {
    const bins = new Map();
    for (const row of this.rows) {
      const key = Math.floor(row.end_ms / BIN_MS);
      const bin = bins.get(key);
      if (bin) StatusHistory.add(bin, row);
      else bins.set(key, { ...row, waited_by_s: { ...row.waited_by_s } });
    }
    return [...bins.values()];
  }

  static add(bin, row) {
    const { end_ms: end, waited_by_s: waited, ...counts } = row;
    for (const [name, value] of Object.entries(counts)) bin[name] += value;
    for (const [reason, value] of Object.entries(waited)) {
      bin.waited_by_s[reason] = (bin.waited_by_s[reason] ?? 0) + value;
    }
    bin.end_ms = end;
  }

  // The sum over the rows that ended after `since`.
  sum(names, since = 0) {
    let sum = 0;
    for (const row of this.rows) {
      if (row.end_ms > since) for (const name of names) sum += row[name];
    }
    return sum;
  }

  requestsPerSecond(since) {
    const seconds = this.sum(['length_s'], since);
    return seconds ? this.sum(OUTCOMES, since) / seconds : 0;
  }
}
