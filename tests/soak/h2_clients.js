// Clients of HTTP/2 in a soak: connections that come and go, with many requests on each at once, some of
// which are given up. Writes {"done", "left", "wrong": [...]} at the end.
//
//   node h2_clients.js PORT SEED SECONDS
'use strict';

const {createHash} = require('crypto');
const http2 = require('http2');

const {seeded} = require('../support/random.js');

const [port, seed, seconds] = process.argv.slice(2).map(Number);
const CONNECTIONS = 3;
const AT_ONCE = 8;
const REQUESTS_A_CONNECTION = 300;
const {NGHTTP2_CANCEL} = http2.constants;

const random = seeded(seed);

const until = Date.now() + seconds * 1000;
const told = {done: 0, left: 0, wrong: []};
let number = 0;

function content(name, size) {
  const block = createHash('sha256').update(name).digest('hex').repeat(64);
  return Buffer.from(block.repeat(Math.floor(size / block.length) + 1).slice(0, size));
}

function pause() {
  return new Promise((resolve) => setTimeout(resolve, random() * 100));
}

// One request to its end, or given up on the way.
function ask(session) {
  number += 1;
  const id = `h2-${number}`;
  const isUpload = random() < 0.2;
  const size = Math.floor(random() * (random() < 0.1 ? 2000000 : 20000)) + 1;
  const body = content(id, size);
  const wanted = isUpload ? Buffer.from(createHash('sha256').update(body).digest('hex')) : body;
  const stream = session.request(isUpload ?
    {':method': 'PUT', ':path': `/upload/${id}`} : {':path': `/item/${id}/${size}`});
  stream.end(isUpload ? body : undefined);
  const isLeft = random() < 0.1;
  if (isLeft) setTimeout(() => stream.close(NGHTTP2_CANCEL), random() * 100);
  return new Promise((resolve) => {
    const pieces = [];
    let status = 0;
    let failure = '';
    stream.on('response', (headers) => { status = headers[':status']; });
    stream.on('data', (piece) => pieces.push(piece));
    stream.on('error', (error) => { failure = String(error); });
    stream.on('close', () => {
      const got = Buffer.concat(pieces);
      if (isLeft) told.left += 1;
      else if (status === 200 && !failure && got.equals(wanted)) told.done += 1;
      else {
        told.wrong.push(`${id}: ${status} ${failure} ${got.length} bytes of ${wanted.length}, ` +
                        got.subarray(0, 200).toString('latin1'));
      }
      resolve();
    });
  });
}

async function connection() {
  const session = http2.connect(`http://127.0.0.1:${port}`);
  session.on('error', (error) => told.wrong.push(`a connection: ${error}`));
  let left = REQUESTS_A_CONNECTION;
  await Promise.all(Array.from({length: AT_ONCE}, async () => {
    for (; left > 0 && Date.now() < until && !session.closed && !session.destroyed; left -= 1) {
      await ask(session);
      await pause();
    }
  }));
  session.close();
}

async function main() {
  await Promise.all(Array.from({length: CONNECTIONS}, async () => {
    while (Date.now() < until) await connection();
  }));
  console.log(JSON.stringify(told));
}

main();
