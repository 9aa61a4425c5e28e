// The other parts of the page, each made anew of a part of GET /status.

function fact(name, value) {
  return make('div', {}, make('dt', { textContent: name }), make('dd', { textContent: value }));
}

function tile(name, value, unit) {
  const figure = make('dd', {}, `${value} `, make('small', { textContent: unit }));
  return make('div', {}, make('dt', { textContent: name }), figure);
}

function total(object) {
  return Object.values(object).reduce((sum, value) => sum + value, 0);
}

function badge(tone, text) {
  return make('p', { className: `badge ${tone}`, textContent: text });
}

function routeFacts(route) {
  const { requests, latency_s: quantiles, upstream_connections: connections } = route;
  const asked = total(requests);
  return make('dl', { className: 'facts' },
    fact('requests', count(asked)),
    fact('in flight', count(route.in_flight)),
    fact('retries', count(total(route.retries))),
    fact('replays', count(route.replays)),
    fact('waited', span(total(route.waited_s))),
    fact('4xx · 5xx', `${count(requests['4xx'])} · ${count(requests['5xx'])}`),
    fact('p50', asked ? latency(quantiles.p50) : '–'),
    fact('p99', asked ? latency(quantiles.p99) : '–'),
    fact('busy · idle', `${count(connections.active)} · ${count(connections.idle)}`));
}

function quota({ limit, remaining, reset_in_s: reset }) {
  const of = limit === undefined ? '' : ` of ${count(limit)}`;
  const when = reset > 0 ? `, new in ${span(Math.ceil(reset))}` : '';
  return `Quota as last told: ${count(remaining)}${of} left${when}.`;
}

function routeCard(route, now) {
  const pause = route.paused_for_s ?? 0;
  const state = pause > 0
    ? badge('warn', `paused for ${span(Math.ceil(pause))}`)
    : badge('good', 'open');
  const card = make('article', { className: 'card' },
    make('header', {}, make('h3', { textContent: route.route }), state),
    make('p', { className: 'muted', textContent: `${route.upstream} · ${route.credential}` }));
  if (pause > 0) {
    const until = clock(now + pause * 1000);
    const why = `The upstream asked to wait: requests are held until ${until}`;
    card.append(make('p', { className: 'reason warn', textContent: `${why}, then let go spread out.` }));
  }
  card.append(routeFacts(route));
  if (route.quota) card.append(make('p', { className: 'muted', textContent: quota(route.quota) }));
  return card;
}

function problemItem({ first_ms: first, last_ms: last, count: times, level, message, details }) {
  const often = times > 1 ? ` (${count(times)} times since ${clock(first)})` : '';
  const tone = level === 'error' ? 'bad' : 'warn';
  return make('li', {},
    make('time', { dateTime: new Date(last).toISOString(), textContent: clock(last) }),
    make('p', { className: `what ${tone}`, textContent: message + often }),
    make('p', { className: 'details', textContent: details, hidden: !details }));
}
