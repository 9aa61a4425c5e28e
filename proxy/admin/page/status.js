// Asks the proxy each second what it is doing, and shows it: also when it was away meanwhile.

const PERIOD_MS = 1000;
const PATIENCE_MS = 4000;
const LATELY_MS = 10_000;

const at = (id) => document.getElementById(id);
const perSecond = (...names) => (row) => {
  return names.reduce((sum, name) => sum + row[name], 0) / row.length_s;
};

const past = new StatusHistory();
const cards = new Map(); // of credentials, by name
let latest = null; // the answer to GET /status, and when it came
let pointed = null; // the moment that a reader points at in a plot

const plots = [
  {
    title: 'Requests', unit: 'a second, by outcome', stacked: true, format: rate,
    empty: 'No requests in the last ten minutes',
    series: [
      { name: '2xx', tone: 'ok', of: perSecond('2xx') },
      { name: '1xx, 3xx', tone: 'soft', of: perSecond('1xx', '3xx') },
      { name: '4xx', tone: 'amber', of: perSecond('4xx') },
      { name: '5xx', tone: 'red', of: perSecond('5xx') },
      { name: 'client left', tone: 'grey', of: perSecond('left') },
    ],
  },
  {
    title: 'Latency', unit: 'of whole requests, waits included', stacked: false, format: latency,
    empty: 'No requests in the last ten minutes',
    series: [
      { name: 'p50', tone: 'ok', of: (row) => row.p50_s },
      { name: 'p99', tone: 'amber', of: (row) => row.p99_s },
    ],
  },
  {
    title: 'Absorbed', unit: 'a second: what clients did not see', stacked: true, format: rate,
    empty: 'Nothing had to be retried',
    series: [
      { name: 'retries', tone: 'ok', of: perSecond('retries') },
      { name: 'replays after a 401', tone: 'amber', of: perSecond('replays') },
    ],
  },
  {
    title: 'Waits', unit: 'seconds waited in each second', stacked: true, format: rate,
    empty: 'Nobody had to wait',
    series: [
      { name: 'for a token, a pause, a retry or a turn', tone: 'ok', of: perSecond('waited_s') },
    ],
  },
].map((options) => new Plot({ ...options, onPoint: point }));
at('plots').append(...plots.map(({ figure }) => figure));

// By the proxy's clock.
function now() {
  return latest ? latest.status.now_ms + (performance.now() - latest.came) : Date.now();
}

// So that a screen reader says only what is new.
function write(id, text) {
  if (at(id).textContent !== text) at(id).textContent = text;
}

function point(moment) {
  pointed = moment;
  showPlots();
}

function showPlots() {
  const bins = past.binned();
  for (const plot of plots) plot.show(plot.stacked ? bins : past.rows, now(), pointed);
}

function showTiles({ routes, clients }) {
  const inFlight = routes.reduce((sum, { in_flight }) => sum + in_flight, 0);
  at('tiles').replaceChildren(
    tile('Now', rate(past.requestsPerSecond(now() - LATELY_MS)), 'requests/s'),
    tile('In flight', count(inFlight), `of ${plural(clients, 'client')}`),
    tile('Requests', count(past.sum(OUTCOMES)), 'in 10 min'),
    tile('Absorbed', count(past.sum(['retries', 'replays'])), 'in 10 min'),
    tile('Failed', count(past.sum(['5xx'])), 'answered 5xx'));
}

function showCredentials(credentials) {
  const names = credentials.map(({ name }) => name);
  if (names.join('\n') !== [...cards.keys()].join('\n')) {
    cards.clear();
    for (const name of names) cards.set(name, new CredentialCard(name));
    at('credentials').replaceChildren(...[...cards.values()].map(({ element }) => element));
  }
  for (const credential of credentials) cards.get(credential.name).show(credential);
}

function showState(tone, word) {
  at('state').className = `badge ${tone}`;
  write('state', word);
  document.title = word === 'ready' ? 'bearer-proxy' : `${word} · bearer-proxy`;
}

function showReadiness({ ready, unready, draining }) {
  const tone = ready ? 'good' : draining ? 'warn' : 'bad';
  showState(tone, ready ? 'ready' : draining ? 'draining' : 'not ready');
  at('unready').hidden = ready;
  at('unready').className = `notice ${tone}`;
  write('unready', unready ?? '');
}

function show(status) {
  showReadiness(status);
  write('about', `version ${status.version} · up ${span(status.uptime_s)}`);
  showCredentials(status.credentials);
  showTiles(status);
  showPlots();
  at('routes').replaceChildren(...status.routes.map((route) => routeCard(route, status.now_ms)));
  const none = make('li', { className: 'none', textContent: 'None since the start' });
  const problems = status.problems.map(problemItem);
  at('problems').replaceChildren(...(problems.length ? problems : [none]));
  write('updated', `as of ${clock(status.now_ms)}`);
}

function showLoss() {
  const since = latest ? `; what you see is as of ${clock(latest.status.now_ms)}` : '';
  write('lost', `The proxy does not answer. It is asked again each second${since}.`);
  showState('bad', 'not reached');
  at('unready').hidden = true;
}

async function ask(path) {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const response = await fetch(path, { cache: 'no-store', signal });
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response.json();
}

async function refresh() {
  const answers = await Promise.all([ask('/status'), ask('/status/history')]).catch(() => null);
  at('lost').hidden = answers !== null;
  document.body.classList.toggle('lost', answers === null);
  if (answers === null) return showLoss();
  latest = { status: answers[0], came: performance.now() };
  past.take(answers[1], now());
  show(latest.status);
}

async function live() {
  for (;;) {
    const next = performance.now() + PERIOD_MS;
    if (!document.hidden) await refresh();
    await new Promise((done) => setTimeout(done, Math.max(0, next - performance.now())));
  }
}

addEventListener('resize', showPlots);
live();
