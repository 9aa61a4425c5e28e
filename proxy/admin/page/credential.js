// Shows whether a credential is good, and until when. It is kept from one answer to the next, so
// that its bar runs.

class CredentialCard {
  constructor(name) {
    this.badge = make('p');
    this.source = make('p', { className: 'muted' });
    this.left = make('strong');
    this.of = make('span', { className: 'muted' });
    this.bar = make('div');
    this.meter = make('div', { className: 'meter' }, this.bar);
    this.counts = make('p', { className: 'muted' });
    this.reason = make('p', { className: 'reason' });
    this.meter.setAttribute('role', 'meter');
    this.meter.setAttribute('aria-label', `time left of the token of ${name}`);
    this.meter.setAttribute('aria-valuemin', 0);
    this.meter.setAttribute('aria-valuemax', 100);
    this.element = make('article', {},
      make('header', {}, make('h3', { textContent: name }), this.badge),
      this.source,
      make('div', { className: 'until' }, this.left, this.of),
      this.meter, this.counts, this.reason);
  }

  show(credential) {
    const [tone, word] = verdict(credential);
    tint(this.element, `card ${tone}`);
    tint(this.badge, `badge ${tone}`);
    write(this.badge, word);
    write(this.source, credential.source);
    write(this.counts, counts(credential).join(' · '));
    write(this.reason, credential.reason ?? '');
    show(this.reason, Boolean(credential.reason));
    this.showTime(credential);
  }

  showTime({ valid, expires_in_s: left = 0, lifetime_s, generation }) {
    const renewed = generation !== this.generation;
    this.most = renewed ? left : Math.max(this.most, left);
    this.generation = generation;
    const lifetime = lifetime_s ?? this.most;
    const percent = valid ? 100 * Math.min(1, left / lifetime) : 0;
    write(this.left, valid ? span(left) : '–');
    write(this.of, valid ? `left of ${span(Math.round(lifetime))}` : 'no token to send');
    this.bar.className = renewed ? 'renewed' : '';
    this.bar.style.width = `${percent.toFixed(2)}%`;
    this.meter.setAttribute('aria-valuenow', Math.round(percent));
    this.meter.setAttribute('aria-valuetext', valid ? `${span(left)} left` : 'no valid token');
  }
}

function verdict({ valid, state }) {
  const words = {
    starting: ['no token yet', 'good'],
    good: ['expired', 'good'],
    unavailable: ['no valid token', 'good, but not renewed'],
    rejected: ['refused', 'good, but its renewal is refused'],
  }[state];
  const sound = state === 'starting' || state === 'good';
  const tone = valid && sound ? 'good' : valid || sound ? 'warn' : 'bad';
  return [tone, words[valid ? 1 : 0]];
}

function counts({ generation, fetched, failed, reason, next_try_in_s: next }) {
  const said = [
    generation ? `token ${count(generation)}` : 'no token yet',
    `${count(fetched)} fetched`,
    `${count(failed)} failed`,
  ];
  if (reason && next > 0) said.push(`next try in ${span(Math.ceil(next))}`);
  return said;
}
