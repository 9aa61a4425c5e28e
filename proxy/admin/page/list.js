// Lists in which unchanged elements stay, so that a reader's selection stays, too.

const at = (id) => document.getElementById(id);

function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function show(element, shown) {
  if (element.hidden === shown) element.hidden = !shown;
}

function tint(element, classes) {
  if (element.className !== classes) element.className = classes;
}

// Manages the children of `parent`: one { element, show(item) } for each item, by the item's key.
class KeyedList {
  constructor(parent, keyOf, create) {
    Object.assign(this, { parent, keyOf, create, kept: new Map() });
  }

  show(items) {
    const kept = new Map();
    for (const item of items) {
      let key = this.keyOf(item);
      while (kept.has(key)) key += '+'; // clients choose their ids
      const part = this.kept.get(key) ?? this.create(item);
      part.show(item);
      kept.set(key, part);
    }
    for (const [key, { element }] of this.kept) if (!kept.has(key)) element.remove();
    this.kept = kept;
    this.order([...kept.values()].map(({ element }) => element));
  }

  // A row that is already in its place is not moved.
  order(elements) {
    let at = this.parent.firstChild;
    for (const element of elements) {
      if (element === at) at = at.nextSibling;
      else this.parent.insertBefore(element, at);
    }
  }
}

// A list of names and figures, by name.
class Facts {
  constructor() {
    this.element = make('dl', { className: 'facts' });
    this.list = new KeyedList(this.element, ([name]) => name, ([name]) => {
      const value = make('dd');
      const element = make('div', {}, make('dt', { textContent: name }), value);
      return { element, show: ([, text]) => write(value, text) };
    });
  }

  show(facts) {
    this.list.show(Object.entries(facts));
  }
}
