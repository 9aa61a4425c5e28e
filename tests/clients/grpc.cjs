// A client of tests/system/http2/grpc_server.py by @grpc/grpc-js: writes a line for each call.
//
//   node grpc.cjs PACKAGES PORT
'use strict';

const path = require('path');

const [, , packages, port] = process.argv;
const grpc = require(path.join(packages, 'node_modules', '@grpc', 'grpc-js'));

const same = (bytes) => bytes;
function method(name, requestStream, responseStream) {
  return {path: `/test.Calls/${name}`, requestStream, responseStream, requestSerialize: same,
          requestDeserialize: same, responseSerialize: same, responseDeserialize: same};
}
const Calls = grpc.makeClientConstructor({
  unary: method('Unary', false, false),
  fails: method('Fails', false, false),
  serverStreaming: method('ServerStreaming', false, true),
  clientStreaming: method('ClientStreaming', true, false),
  bidirectional: method('Bidirectional', true, true),
}, 'test.Calls');

const client = new Calls(`127.0.0.1:${port}`, grpc.credentials.createInsecure(),
                         {'grpc.enable_retries': 0, 'grpc.max_receive_message_length': -1,
                          'grpc.enable_http_proxy': 0});
const soon = () => ({deadline: Date.now() + 20_000});
const say = (...words) => console.log(words.join(' '));

function metadata(fields) {
  const made = new grpc.Metadata();
  for (const [name, value] of Object.entries(fields)) made.set(name, value);
  return made;
}

function unary(message, fields = {}) {
  return new Promise((resolve, reject) => {
    const heard = {};
    const call = client.unary(Buffer.from(message), metadata(fields), soon(), (error, answer) => {
      if (error) return reject(error);
      heard.answer = answer;
      if (heard.status) resolve(heard);
    });
    call.on('metadata', (initial) => { heard.initial = initial; });
    call.on('status', (status) => {
      heard.status = status;
      if (heard.answer) resolve(heard);
    });
  });
}

async function main() {
  const {answer, initial, status} = await unary('hello', {'x-client': 'metadata'});
  say('unary', answer, initial.get('x-initial')[0],
      status.metadata.get('x-trailing-bin')[0].toString('hex'));
  const large = Buffer.alloc(3_000_000, 'l');
  say('large', (await unary(large)).answer.equals(large));
  say('replayed', (await unary('again', {'refuse-once': 'unary'})).answer);
  await new Promise((resolve) => client.fails(Buffer.alloc(0), new grpc.Metadata(), soon(), (error) => {
    say('failed', error.code, error.details);
    resolve();
  }));
  let sum = 0;
  for await (const number of client.serverStreaming(Buffer.from('1000'), soon())) sum += Number(number);
  say('server-streaming', sum);
  await new Promise((resolve, reject) => {
    const call = client.clientStreaming(soon(), (error, total) => {
      if (error) return reject(error);
      say('client-streaming', total);
      resolve();
    });
    for (let i = 0; i < 500; ++i) call.write(Buffer.from('1234567890'));
    call.end();
  });
  const both = client.bidirectional(soon());
  const heard = [], words = ['abc', 'def', 'ghi'];
  both.write(Buffer.from(words.shift()));
  for await (const word of both) {  // each is sent once the answer to the one before is here
    heard.push(word.toString());
    if (words.length > 0) both.write(Buffer.from(words.shift()));
    else both.end();
  }
  say('bidirectional', ...heard);
  await new Promise((resolve) => {
    const call = client.serverStreaming(Buffer.from('100000000'), soon());
    call.on('data', () => call.cancel());
    call.on('error', (error) => {
      say('cancelled', error.code);
      resolve();
    });
  });
  client.close();
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
