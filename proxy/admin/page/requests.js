// The requests in flight and the last that ended, from GET /status/requests.

const WAITS = {
  pause: 'the end of the pause that the upstream asked for',
  token: 'a token',
  backoff: 'its next attempt',
  pacing: 'its turn, by the quota or --rate',
  queue: 'a place at the upstream, by --max-in-flight',
};
const CAUSES = {
  first: '',
  status_401: 'replayed: ',
  resume: 'resumed: ',
};

function requestKey({ began_ms: began, id, path }) {
  return `${began} ${id} ${path}`;
}

// Tone and words for a request's result or its current state.
function outcome({ status, whole, error, waits }) {
  const over = whole !== undefined;
  if (!over && waits) return ['warn', 'held'];
  if (!over) return ['good', status ? 'being answered' : 'at the upstream'];
  if (status === 0) return ['bad', 'client left'];
  const tone = isFailure(status) || !whole ? 'bad' : status >= 400 ? 'warn' : 'good';
  const words = [String(status), error, whole ? '' : 'cut short'];
  return [tone, words.filter(Boolean).join(' · ')];
}

function attemptText({ cause, outcome: came, waited_s: waited, took_s: took }) {
  const before = waited >= 0.0005 ? `after a wait of ${latency(waited)}: ` : '';
  return `${CAUSES[cause] ?? ''}${before}${came} in ${latency(took)}`;
}

function attemptsText({ attempts, attempts_made: made }) {
  const left = made - attempts.length;
  const told = attempts.map(attemptText).join(', then ');
  if (made <= 1 && attempts.every(({ outcome: came }) => /^[123]/.test(came))) return '';
  const earlier = left > 0 && attempts.length ? `${left} earlier; ` : '';
  return attempts.length ? `${plural(made, 'attempt')}: ${earlier}${told}` : '';
}

function waitText({ for: reason, since_s: since, until_ms: until, end_known: known }) {
  const what = WAITS[reason] ?? reason;
  const end = `${clock(until)}${known ? '' : ' at most'}`;
  return `Waits for ${what}: for ${span(since)} now, until ${end}.`;
}

class RequestItem {
  constructor({ began_ms: began, method, path, path_cut: cut, route, id }) {
    this.badge = make('p');
    this.took = make('span', { className: 'took' });
    this.waits = make('p', { className: 'reason warn' });
    this.attempts = make('p', { className: 'muted' });
    const moment = { dateTime: new Date(began).toISOString(), textContent: clock(began) };
    const target = path ? `${path}${cut ? '…' : ''}` : '–';
    const asked = make('p', { className: 'target' },
      make('b', { textContent: method || '–' }), ` ${target}`);
    this.element = make('li', {},
      make('time', moment),
      make('div', {},
        make('header', {}, asked, this.badge),
        this.waits,
        this.attempts,
        make('p', { className: 'details' }, this.took, ` · ${route || 'no route'} · ${id}`)));
  }

  show(request) {
    const [tone, words] = outcome(request);
    tint(this.badge, `badge ${tone}`);
    write(this.badge, words);
    show(this.waits, Boolean(request.waits));
    if (request.waits) write(this.waits, waitText(request.waits));
    const told = attemptsText(request);
    show(this.attempts, told !== '');
    write(this.attempts, told);
    const { took_s: took, waited_s: waited } = request;
    const waiting = waited >= 0.0005 ? `, ${latency(waited)} of it waiting` : '';
    write(this.took, `${latency(took)}${waiting}`);
  }
}

// The list with its filter.
class RequestsView {
  constructor(onFilter) {
    this.route = at('filter-route');
    this.failed = at('filter-failed');
    this.list = new KeyedList(at('requests'), requestKey, (request) => new RequestItem(request));
    this.routes = new KeyedList(this.route, (name) => name, (name) => {
      const element = make('option', { value: name, textContent: name || 'all' });
      return { element, show: () => {} };
    });
    this.routes.show(['']);
    for (const control of [this.route, this.failed]) control.addEventListener('change', onFilter);
  }

  path() {
    const query = new URLSearchParams({ limit: 100 });
    if (this.route.value) query.set('route', this.route.value);
    if (this.failed.checked) query.set('failed', '1');
    return `/status/requests?${query}`;
  }

  any() {
    return !this.route.value && !this.failed.checked;
  }

  showRoutes(names) {
    this.routes.show(['', ...names]);
  }

  show({ under_way: running, ended }) {
    this.list.show([...running, ...ended]);
    const held = running.filter(({ waits }) => waits).length;
    const said = `${plural(running.length, 'request')} under way, ${held} of them held; ` +
      `the last ${count(ended.length)} that ended`;
    write(at('requests-about'), running.length + ended.length ? said : 'There is none to show.');
  }
}
