'use strict';

// Formats figures for a person.

const number = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

function count(value) {
  return number.format(value);
}

// Keeps only the digits that matter.
function rate(value) {
  if (value === 0) return '0';
  if (value >= 1000) return `${short(value / 1000)} k`;
  return value >= 100 ? value.toFixed(0) : short(value);
}

function short(value) {
  return String(Number(value.toPrecision(value < 1 ? 1 : 2)));
}

function latency(seconds) {
  if (seconds >= 1) return `${short(seconds)} s`;
  return seconds >= 0.001 ? `${short(seconds * 1000)} ms` : `${short(seconds * 1e6)} µs`;
}

// A duration to watch while it passes: 4 min 05 s.
function span(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (value) => String(value).padStart(2, '0');
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  if (whole < 86400) return `${Math.floor(whole / 3600)} h ${two(Math.floor(whole / 60) % 60)} min`;
  return `${Math.floor(whole / 86400)} d ${Math.floor(whole / 3600) % 24} h`;
}

function clock(ms) {
  return new Date(ms).toLocaleTimeString('en-GB');
}

function plural(value, noun) {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`;
}
