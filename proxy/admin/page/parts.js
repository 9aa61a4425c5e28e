// The other parts of the page. Each one shows a part of GET /status.

const LATELY_S = 60;

function total(object) {
  return Object.values(object).reduce((sum, value) => sum + value, 0);
}

// A status from 600 on has no class.
function isFailure(status) {
  return status >= 500 && status < 600;
}

// `3 status_429, 1 connection_lost`
function byReason(reasons, format) {
  return Object.entries(reasons).map(([reason, value]) => `${format(value)} ${reason}`).join(', ');
}

// Shows how a route's requests ended lately. Requests that ended before the page was opened come
// from the list of requests, the others from the growth of the counts.
class Trend {
  constructor() {
    this.entries = []; // { ms, all, failed }
    this.before = null;
  }

  seed(ended, now) {
    for (const { began_ms: began, took_s: took, status } of ended) {
      this.entries.push({ ms: began + took * 1000, all: 1, failed: isFailure(status) ? 1 : 0 });
    }
    this.forget(now);
  }

  take(requests, now) {
    const counted = { all: total(requests) - requests.left, failed: requests['5xx'] };
    const before = this.before ?? counted;
    this.before = counted;
    const all = counted.all - before.all;
    if (all > 0) this.entries.push({ ms: now, all, failed: counted.failed - before.failed });
    this.forget(now);
  }

  forget(now) {
    this.entries = this.entries.filter(({ ms }) => ms > now - LATELY_S * 1000);
  }

  sum(name) {
    return this.entries.reduce((sum, entry) => sum + entry[name], 0);
  }
}

function routeState(route, credential, trend) {
  if (credential && !credential.valid) {
    const refused = credential.state === 'rejected';
    return ['bad', refused ? 'its credential is refused' : 'has no token'];
  }
  const all = trend.sum('all');
  const failed = trend.sum('failed');
  const share = `${count(failed)} of ${count(all)} in the last minute`;
  if (failed > 0 && failed * 2 >= all) return ['bad', `failing: ${share}`];
  const pause = route.paused_for_s ?? 0;
  if (pause > 0) return ['warn', `paused for ${span(Math.ceil(pause))}`];
  return failed > 0 ? ['warn', `5xx: ${share}`] : ['good', 'open'];
}

function routeFacts(route) {
  const { requests, latency_s: quantiles, upstream_connections: connections } = route;
  return {
    requests: count(total(requests)),
    'in flight now': count(route.in_flight),
    'waiting now': count(total(route.waiting)),
    retries: count(total(route.retries)),
    'replays after a 401': count(route.replays),
    waited: span(total(route.waited_s)),
    '4xx · 5xx': `${count(requests['4xx'])} · ${count(requests['5xx'])}`,
    'p50 of responses': quantiles ? latency(quantiles.p50) : '–',
    'p99 of responses': quantiles ? latency(quantiles.p99) : '–',
    'connections busy · idle': `${count(connections.active)} · ${count(connections.idle)}`,
  };
}

function quota({ limit, remaining, reset_in_s: reset }) {
  const of = limit === undefined ? '' : ` of ${count(limit)}`;
  const when = reset > 0 ? `, new in ${span(Math.ceil(reset))}` : '';
  return `Quota as last told: ${count(remaining)}${of} left${when}.`;
}

// The reasons for retries, waits and answers that are not whole, since the start.
function causes({ retries, waited_s: waited, cut_short: cut }) {
  const said = [];
  if (total(retries)) said.push(`Retries after: ${byReason(retries, count)}.`);
  if (total(waited)) said.push(`Waited for: ${byReason(waited, latency)}.`);
  if (total(cut)) said.push(`Answers cut short: ${byReason(cut, count)}.`);
  return said.join(' ');
}

class RouteCard {
  constructor({ route }) {
    this.badge = make('p');
    this.leads = make('p', { className: 'muted' });
    this.pause = make('p', { className: 'reason warn' });
    this.facts = new Facts();
    this.waits = make('p', { className: 'muted' });
    this.causes = make('p', { className: 'muted' });
    this.quota = make('p', { className: 'muted' });
    this.element = make('article', { className: 'card' },
      make('header', {}, make('h3', { textContent: route }), this.badge),
      this.leads, this.pause, this.facts.element, this.waits, this.causes, this.quota);
  }

  show({ route, credential, trend, now }) {
    const [tone, words] = routeState(route, credential, trend);
    tint(this.badge, `badge ${tone}`);
    write(this.badge, words);
    write(this.leads, `${route.upstream} · ${route.credential}`);
    const pause = route.paused_for_s ?? 0;
    const until = clock(now + pause * 1000);
    show(this.pause, pause > 0);
    const why = `The upstream asked to wait: requests are held until ${until}`;
    write(this.pause, `${why}, then let go spread out.`);
    this.facts.show(routeFacts(route));
    const waiting = byReason(route.waiting, count);
    this.sentence(this.waits, waiting && `Waiting now: ${waiting}.`);
    this.sentence(this.causes, causes(route));
    this.sentence(this.quota, route.quota && quota(route.quota));
  }

  sentence(element, text) {
    show(element, Boolean(text));
    if (text) write(element, text);
  }
}

class ProblemItem {
  constructor({ level }) {
    this.time = make('time');
    this.what = make('p', { className: `what ${level === 'error' ? 'bad' : 'warn'}` });
    this.details = make('p', { className: 'details' });
    this.element = make('li', {}, this.time, this.what, this.details);
  }

  show({ first_ms: first, last_ms: last, count: times, message, details }) {
    const often = times > 1 ? ` (${count(times)} times since ${clock(first)})` : '';
    this.time.dateTime = new Date(last).toISOString();
    write(this.time, clock(last));
    write(this.what, message + often);
    show(this.details, Boolean(details));
    write(this.details, details);
  }
}

class Tile {
  constructor([name]) {
    this.value = make('span');
    this.unit = make('small');
    this.element = make('div', {},
      make('dt', { textContent: name }), make('dd', {}, this.value, ' ', this.unit));
  }

  show([, value, unit]) {
    write(this.value, value);
    write(this.unit, unit);
  }
}
