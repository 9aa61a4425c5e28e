// Asks the proxy each second what it is doing, and shows it, even after the proxy was away.

const PERIOD_MS = 1000;
const PATIENCE_MS = 4000;
const LATELY_MS = 10_000;

const perSecond = (...names) => (row) => {
  return names.reduce((sum, name) => sum + row[name], 0) / row.length_s;
};

const waitedFor = (...reasons) => (row) => {
  return reasons.reduce((sum, reason) => sum + (row.waited_by_s[reason] ?? 0), 0) / row.length_s;
};

const past = new StatusHistory();
const cards = new KeyedList(at('credentials'), ({ name }) => name,
  ({ name }) => new CredentialCard(name));
const routeCards = new KeyedList(at('routes'), ({ route }) => route.route,
  ({ route }) => new RouteCard(route));
const problemItems = new KeyedList(at('problems'), ({ level, message }) => `${level} ${message}`,
  (problem) => new ProblemItem(problem));
const tileList = new KeyedList(at('tiles'), ([name]) => name, (tile) => new Tile(tile));
const requestsView = new RequestsView(() => refresh());
const trends = new Map(); // by route
let latest = null; // the answer to GET /status, and when it came
let pointed = null; // the moment that a reader points at in a plot

const plots = [
  {
    title: 'Requests', unit: 'a second, by outcome', stacked: true, format: rate,
    empty: 'No requests in the last ten minutes',
    series: [
      { name: '2xx', tone: 'ok', of: perSecond('2xx') },
      { name: '1xx, 3xx, other', tone: 'soft', of: perSecond('1xx', '3xx', 'other') },
      { name: '4xx', tone: 'amber', of: perSecond('4xx') },
      { name: '5xx', tone: 'red', of: perSecond('5xx') },
      { name: 'client left', tone: 'grey', of: perSecond('left') },
    ],
  },
  {
    title: 'Latency', unit: 'of responses, waits included', stacked: false, format: latency,
    empty: 'No responses in the last ten minutes',
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
    title: 'Waits', unit: 'requests that waited, on the mean', stacked: true, format: rate,
    empty: 'Nobody had to wait',
    series: [
      { name: 'for a retry', tone: 'ok', of: waitedFor('backoff') },
      { name: 'a pause', tone: 'amber', of: waitedFor('pause') },
      { name: 'a token', tone: 'red', of: waitedFor('token') },
      { name: 'a turn', tone: 'soft', of: waitedFor('pacing', 'queue') },
    ],
  },
].map((options) => new Plot({ ...options, onPoint: point }));
at('plots').append(...plots.map(({ figure }) => figure));

// The time on the proxy's clock.
function now() {
  return latest ? latest.status.now_ms + (performance.now() - latest.came) : Date.now();
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
  const sum = (of) => routes.reduce((all, route) => all + of(route), 0);
  tileList.show([
    ['Now', rate(past.requestsPerSecond(now() - LATELY_MS)), 'requests/s'],
    ['In flight', count(sum(({ in_flight }) => in_flight)), `of ${plural(clients, 'client')}`],
    ['Waiting', count(sum(({ waiting }) => total(waiting))), 'now'],
    ['Requests', count(past.sum(OUTCOMES)), 'in 10 min'],
    ['Absorbed', count(past.sum(['retries', 'replays'])), 'in 10 min'],
    ['Failed', count(past.sum(['5xx'])), `5xx · ${count(past.sum(['4xx']))} 4xx`],
  ]);
}

function showRoutes({ routes, credentials, now_ms: moment }, requests) {
  routeCards.show(routes.map((route) => {
    const known = trends.get(route.route);
    const trend = known ?? new Trend();
    if (!known) {
      trends.set(route.route, trend);
      trend.seed(requests.ended.filter((one) => one.route === route.route), moment);
    }
    trend.take(route.requests, moment);
    const credential = credentials.find(({ name }) => name === route.credential);
    return { route, credential, trend, now: moment };
  }));
  requestsView.showRoutes(routes.map(({ route }) => route));
}

function showState(tone, word) {
  tint(at('state'), `badge ${tone}`);
  write(at('state'), word);
  document.title = word === 'ready' ? 'bearer-proxy' : `${word} · bearer-proxy`;
}

function showReadiness({ ready, unready, draining }) {
  const tone = ready ? 'good' : draining ? 'warn' : 'bad';
  showState(tone, ready ? 'ready' : draining ? 'draining' : 'not ready');
  show(at('unready'), !ready);
  tint(at('unready'), `notice ${tone}`);
  write(at('unready'), unready ?? '');
}

function showAll(status, requests) {
  showReadiness(status);
  write(at('about'), `version ${status.version} · up ${span(status.uptime_s)}`);
  cards.show(status.credentials);
  showTiles(status);
  showPlots();
  showRoutes(status, requests);
  requestsView.show(requests);
  show(at('no-problems'), status.problems.length === 0);
  problemItems.show(status.problems);
  write(at('updated'), `as of ${clock(status.now_ms)}`);
}

function showLoss() {
  const since = latest ? `; what you see is as of ${clock(latest.status.now_ms)}` : '';
  write(at('lost'), `The proxy does not answer. It is asked again each second${since}.`);
  showState('bad', 'not reached');
  show(at('unready'), false);
}

async function ask(path) {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const response = await fetch(path, { cache: 'no-store', signal });
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response.json();
}

async function refresh() {
  const paths = ['/status', '/status/history', requestsView.path()];
  const answers = await Promise.all(paths.map(ask)).catch(() => null);
  show(at('lost'), answers === null);
  document.body.classList.toggle('lost', answers === null);
  if (answers === null) return showLoss();
  const [status, history, requests] = answers;
  latest = { status, came: performance.now() };
  past.take(history, now());
  showAll(status, requests);
}

async function fetchTokens() {
  write(at('refreshed'), 'asking …');
  const response = await fetch('/refresh', { method: 'POST' }).catch(() => null);
  const said = response?.ok ? 'asked for, each once in 3 s at most'
    : response ? `refused (${response.status}): it is for browsers on the proxy's own machine`
      : 'the proxy does not answer';
  write(at('refreshed'), said);
}

async function live() {
  for (;;) {
    const next = performance.now() + PERIOD_MS;
    if (!document.hidden) await refresh();
    await new Promise((done) => setTimeout(done, Math.max(0, next - performance.now())));
  }
}

at('refresh').addEventListener('click', fetchTokens);
addEventListener('resize', showPlots);
live();
