// Each sends a request to `url`, and ends with what the page gets to know of the answer.

async function send(url, options) {
  try {
    const response = await fetch(url, options);
    if (response.type === 'opaque') return 'nothing';
    return `${response.status} ${await response.text()}`;
  } catch {
    return 'refused';
  }
}

function outcome(target, good, bad) {
  return new Promise((resolve) => {
    target.addEventListener(good, () => resolve('answered'));
    target.addEventListener(bad, () => resolve('refused'));
  });
}

async function load(tag, attributes) {
  const element = Object.assign(document.createElement(tag), attributes);
  const loaded = outcome(element, 'load', 'error');
  document.body.append(element);
  return loaded;
}

// A frame loads also what is refused; what is in it, only a page of its own origin may read.
async function frame(attributes, fill) {
  const element = Object.assign(document.createElement('iframe'), attributes);
  document.body.append(element); // an empty page is there at once
  const loaded = outcome(element, 'load', 'error');
  if (fill) fill();
  await loaded;
  return element.contentDocument?.body.innerText ?? 'nothing';
}

function submit(method, action) {
  return frame({ name: method }, () => {
    const form = document.createElement('form');
    Object.assign(form, { method, action, target: method });
    document.body.append(form);
    form.submit();
  });
}
