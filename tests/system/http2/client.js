// client.js URL: requests over one HTTP/2 connection, some of which are taken back. Prints what came.
'use strict';
const http2 = require('http2');
const crypto = require('crypto');

const session = http2.connect(process.argv[2]);
session.on('error', (error) => { console.error(error); process.exit(1); });
session.on('goaway', (code) => { if (code !== 0) { console.error('GOAWAY ' + code); process.exit(1); } });

const digest = (bytes) => crypto.createHash('sha256').update(bytes).digest('hex');

function ask(fields, body) {
  return new Promise((resolve, reject) => {
    const stream = session.request(fields);
    let status, text = '';
    stream.on('response', (head) => { status = head[':status']; });
    stream.setEncoding('utf8');
    stream.on('data', (some) => { text += some; });
    stream.on('end', () => resolve({ status, text }));
    stream.on('error', reject);
    stream.end(body);
  });
}

function cancel() {
  return new Promise((resolve) => {
    const stream = session.request({ ':path': '/echo' });
    stream.on('close', () => resolve(stream.rstCode === http2.constants.NGHTTP2_CANCEL ? 1 : 0));
    stream.on('error', () => {});
    setImmediate(() => stream.close(http2.constants.NGHTTP2_CANCEL));
  });
}

async function main() {
  const asked = [];
  for (let i = 0; i < 60; ++i) {
    const body = crypto.randomBytes(1 + i * 4000);
    const fields = { ':path': '/echo?' + i, ':method': 'POST' };
    asked.push(ask(fields, body).then((got) =>
      got.status === 200 && JSON.parse(got.text).body_sha256 === digest(body)));
  }
  const cancelled = [];
  for (let i = 0; i < 20; ++i) cancelled.push(cancel());
  const right = (await Promise.all(asked)).filter((fine) => fine).length;
  const gone = (await Promise.all(cancelled)).reduce((sum, one) => sum + one, 0);
  const last = await ask({ ':path': '/api/v2/users' });
  console.log(`answered ${right}, bodies ${right === 60 ? 'right' : 'wrong'}, cancelled ${gone}, then ${last.status}`);
  session.close();
}

main().catch((error) => { console.error(error); process.exit(1); });
