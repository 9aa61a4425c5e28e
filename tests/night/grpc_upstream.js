// A gRPC service on a bad night, and the token endpoint that it trusts. Writes where both are: the
// service (HTTP/2 without TLS), and the endpoint (HTTP/1.1), which also answers /counts.
//
// All tokens are revoked every REVOKE_MS. A connection is told to go after STREAMS. A SHARE of the
// calls is refused unprocessed, and as many find the service unavailable. A call that is carried out
// is counted by its message, so that one which is carried out twice is seen.
//
//   node grpc_upstream.js SEED REVOKE_MS STREAMS SHARE
'use strict';

const http = require('http');
const http2 = require('http2');

const {seeded} = require('../support/random.js');

const [seed, revokeMs, streamsMax, share] = process.argv.slice(2).map(Number);
const {NGHTTP2_REFUSED_STREAM} = http2.constants;

const random = seeded(seed);

let generation = 1;
setInterval(() => { generation += 1; }, revokeMs).unref();

const counts = {carried_out: 0, twice: 0, refused: 0, unavailable: 0, unauthenticated: 0,
                goaways: 0, tokens: 0, connections: 0};
const done = new Set();

function fail(stream, status) {
  stream.respond({':status': 200, 'content-type': 'application/grpc', 'grpc-status': status},
                 {endStream: true});
}

function carryOut(stream, message) {
  const id = message.toString('latin1');
  counts.carried_out += 1;
  if (done.has(id)) counts.twice += 1;
  done.add(id);
  stream.respond({':status': 200, 'content-type': 'application/grpc'}, {waitForTrailers: true});
  stream.on('wantTrailers', () => stream.sendTrailers({'grpc-status': '0'}));
  stream.end(message);
}

const service = http2.createServer();
service.on('session', (session) => {
  counts.connections += 1;
  session.streams = 0;
});
service.on('sessionError', () => {});
service.on('stream', (stream, headers) => {
  stream.on('error', () => {});
  const session = stream.session;
  session.streams += 1;
  if (session.streams === streamsMax) {
    counts.goaways += 1;
    session.goaway(0, stream.id);  // later ones are not processed
    session.close();
  }
  if (headers.authorization !== `Bearer t${generation}`) {
    counts.unauthenticated += 1;
    return fail(stream, 16);
  }
  const luck = random();
  if (luck < share) {
    counts.refused += 1;
    return stream.close(NGHTTP2_REFUSED_STREAM);
  }
  if (luck < 2 * share) {
    counts.unavailable += 1;
    return fail(stream, 14);
  }
  const chunks = [];
  stream.on('data', (chunk) => chunks.push(chunk));
  stream.on('end', () => carryOut(stream, Buffer.concat(chunks)));
});

const endpoint = http.createServer((request, response) => {
  response.setHeader('content-type', 'application/json');
  if (request.url === '/counts') return response.end(JSON.stringify(counts));
  counts.tokens += 1;
  request.resume();
  request.on('end', () => response.end(JSON.stringify(
      {access_token: `t${generation}`, token_type: 'Bearer', expires_in: 3600})));
});

service.listen(0, '127.0.0.1', () => endpoint.listen(0, '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${service.address().port}`);
  console.log(`tokens on http://127.0.0.1:${endpoint.address().port}`);
}));
process.stdin.on('end', () => process.exit(0)).resume();  // with the night
