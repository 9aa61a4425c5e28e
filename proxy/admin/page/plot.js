// Makes elements and plots. Values from the proxy become text or numbers, never markup.

function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

function draw(tag, attributes, text) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

function begin(row) {
  return row.end_ms - row.length_s * 1000;
}

// Rounds a part of a pixel: more digits make no difference.
function tenths(value) {
  return value.toFixed(1);
}

const WINDOW_MS = 600_000;
const HEIGHT = 176;
const MARGIN = { top: 8, right: 2, bottom: 22, left: 46 };

// Round numbers from 0 to `top` or a little above.
function linear(top) {
  const rough = Math.max(top, 1e-9) / 3;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough);
  const end = Math.max(1, Math.ceil(top / step - 1e-9)) * step;
  const ticks = [];
  for (let i = 0; i * step <= end + step / 2; i += 1) ticks.push(i * step);
  return { ticks, place: (value) => value / end };
}

// Whole powers of ten around the values.
function logarithmic(low, high) {
  const first = Math.floor(Math.log10(low));
  const last = Math.max(first + 1, Math.ceil(Math.log10(high)));
  const ticks = [];
  for (let power = first; power <= last; power += 1) ticks.push(10 ** power);
  return { ticks, place: (value) => (Math.log10(value) - first) / (last - first) };
}

// A figure of the last ten minutes. `series` are { name, tone, of }, where `of` turns a row into a
// number (or null: nothing to show). In a stack they lie on one another.
class Plot {
  constructor({ title, unit, series, stacked, format, empty, onPoint }) {
    Object.assign(this, { title, unit, series, stacked, format, rows: [], now: 0 });
    this.values = series.map(() => make('span'));
    const legend = series.map(({ name, tone }, i) =>
      make('li', { className: tone }, `${name} `, this.values[i]));
    // The arrow keys read it out moment by moment, as they do with a slider.
    this.svg = draw('svg', { role: 'slider', tabindex: 0, 'aria-label': `${title}, ${unit}`,
      'aria-valuemin': -WINDOW_MS / 1000, 'aria-valuemax': 0 });
    this.empty = make('p', { className: 'empty', textContent: empty });
    this.when = make('span', { className: 'muted' });
    this.figure = make('figure', {},
      make('figcaption', {}, make('b', { textContent: title }), this.when),
      make('ul', { className: 'legend' }, ...legend), this.svg, this.empty);
    this.svg.addEventListener('pointermove', (event) => onPoint(this.moment(event)));
    this.svg.addEventListener('pointerleave', () => onPoint(null));
    this.svg.addEventListener('blur', () => onPoint(null));
    this.svg.addEventListener('keydown', (event) => this.press(event, onPoint));
  }

  press(event, onPoint) {
    const steps = {
      ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10,
    };
    const last = this.rows.length - 1;
    const ends = { Home: 0, End: last, Escape: null };
    if (last < 0 || !(event.key in steps || event.key in ends)) return;
    event.preventDefault();
    if (event.key === 'Escape') return onPoint(null);
    const found = this.pointed === null ? last : this.rows.indexOf(this.rowAt(this.pointed));
    const to = ends[event.key] ?? (found < 0 ? last : found) + steps[event.key];
    const row = this.rows[Math.max(0, Math.min(last, to))];
    onPoint((begin(row) + row.end_ms) / 2);
  }

  rowAt(moment) {
    return this.rows.find((one) => begin(one) <= moment && moment <= one.end_ms);
  }

  // `rows` have end_ms and length_s, the oldest first. `pointed` is the moment to read out; null
  // for the last row.
  show(rows, now, pointed) {
    Object.assign(this, { rows, now, pointed });
    this.width = this.svg.clientWidth;
    if (this.width === 0) return;
    const any = rows.some((row) => this.series.some(({ of }) => of(row)));
    this.scale = this.axis();
    this.svg.setAttribute('viewBox', `0 0 ${this.width} ${HEIGHT}`);
    const ticks = any ? this.scale.ticks : [this.scale.ticks[0]];
    const grid = [...ticks.map((tick) => this.line(tick)), ...this.times()];
    const shapes = any ? this.shapes() : [];
    this.svg.replaceChildren(...grid.flat(), ...shapes, ...this.cursor(pointed));
    this.empty.hidden = any;
    this.read(pointed);
  }

  axis() {
    if (this.stacked) {
      const tops = this.rows.map((row) => this.series.reduce((sum, { of }) => sum + of(row), 0));
      return linear(Math.max(1, ...tops));
    }
    const values = this.rows.flatMap((row) => this.series.map(({ of }) => of(row))).filter(Boolean);
    if (values.length === 0) return logarithmic(0.001, 1);
    return logarithmic(Math.min(...values), Math.max(...values));
  }

  x(ms) {
    const part = Math.max(0, 1 - (this.now - ms) / WINDOW_MS);
    return MARGIN.left + part * (this.width - MARGIN.left - MARGIN.right);
  }

  y(value) {
    const part = Math.min(1, Math.max(0, this.scale.place(value)));
    return HEIGHT - MARGIN.bottom - part * (HEIGHT - MARGIN.top - MARGIN.bottom);
  }

  moment(event) {
    const part = (event.offsetX - MARGIN.left) / (this.width - MARGIN.left - MARGIN.right);
    return this.now - (1 - part) * WINDOW_MS;
  }

  line(tick) {
    const y = this.y(tick);
    return [
      draw('line', { class: 'grid', x1: MARGIN.left, x2: this.width - MARGIN.right, y1: y, y2: y }),
      draw('text', { x: MARGIN.left - 8, y: y + 4, 'text-anchor': 'end' }, this.format(tick)),
    ];
  }

  times() {
    const labels = [[10, '10 min ago', 'start'], [5, '5 min', 'middle'], [0, 'now', 'end']];
    return labels.map(([minutes, text, anchor]) => draw('text',
      { x: this.x(this.now - minutes * 60_000), y: HEIGHT - 5, 'text-anchor': anchor }, text));
  }

  cursor(pointed) {
    if (pointed === null) return [];
    const x = this.x(pointed);
    const [y1, y2] = [MARGIN.top, HEIGHT - MARGIN.bottom];
    return [draw('line', { class: 'cursor', x1: x, x2: x, y1, y2 })];
  }

  shapes() {
    return this.stacked ? this.areas() : this.series.flatMap((series) => this.curve(series));
  }

  // Each row is a step as wide as its time is long. There is none while the proxy was away.
  areas() {
    const below = this.rows.map(() => 0);
    return this.series.map(({ of, tone }) => {
      const steps = this.rows.map((row, i) => {
        const value = of(row);
        if (!value) return '';
        const [left, right] = [this.x(begin(row)), this.x(row.end_ms)].map(tenths);
        const [bottom, top] = [this.y(below[i]), this.y(below[i] += value)].map(tenths);
        return `M${left} ${bottom}V${top}H${right}V${bottom}z`;
      });
      return draw('path', { class: `area ${tone}`, d: steps.join('') });
    });
  }

  // Lines between rows that follow one another; a row without neighbours is a dot.
  curve({ of, tone }) {
    const runs = [];
    this.rows.forEach((row, i) => {
      const value = of(row);
      if (value === null) return;
      const before = this.rows[i - 1];
      const away = !before || begin(row) - before.end_ms > 1000; // the proxy was
      if (away || of(before) === null) runs.push([]);
      const middle = (begin(row) + row.end_ms) / 2;
      runs.at(-1).push(`${tenths(this.x(middle))} ${tenths(this.y(value))}`);
    });
    const lines = runs.filter((run) => run.length > 1).map((run) => `M${run.join('L')}`);
    const dots = runs.filter((run) => run.length === 1).map(([point]) => `M${point}h.1`);
    return [
      draw('path', { class: `curve ${tone}`, d: lines.join('') }),
      draw('path', { class: `dots ${tone}`, d: dots.join('') }),
    ];
  }

  // Shows the values of one row in the legend, and tells them to readers who cannot see the plot.
  read(pointed) {
    const row = pointed === null ? this.rows.at(-1) : this.rowAt(pointed);
    write(this.when, pointed === null ? this.unit : clock(pointed));
    const said = this.series.map(({ name, of }, i) => {
      const value = row ? of(row) : null;
      write(this.values[i], value === null ? '–' : this.format(value));
      return `${name} ${this.values[i].textContent}`;
    });
    const at = pointed ?? row?.end_ms ?? this.now;
    this.svg.setAttribute('aria-valuenow', Math.round(Math.max(-WINDOW_MS, at - this.now) / 1000));
    const text = row ? `${clock(at)}: ${said.join(', ')}` : 'nothing yet';
    this.svg.setAttribute('aria-valuetext', text);
  }
}
