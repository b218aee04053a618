'use strict';
// The server draws every part of the page; this script asks for those that have
// changed and puts them where they belong.
const at = id => document.getElementById(id);
let events;

// follow makes one element like another, part by part, so that focus, scrolling and
// what is open or chosen stay as they are.
function follow(to, from) {
  for (const { name } of [...to.attributes]) {
    if (!from.hasAttribute(name) && name !== 'open') to.removeAttribute(name);
  }
  for (const { name, value } of from.attributes) {
    if (to.getAttribute(name) !== value && name !== 'open') to.setAttribute(name, value);
  }
  followChildren(to, from);
}

function followChildren(to, from) {
  const old = [...to.childNodes], fresh = [...from.childNodes];
  fresh.forEach((n, i) => {
    const o = old[i];
    if (!o) to.append(n);
    else if (o.nodeName !== n.nodeName) o.replaceWith(n);
    else if (o.nodeType === Node.ELEMENT_NODE) follow(o, n);
    else if (o.nodeValue !== n.nodeValue) o.nodeValue = n.nodeValue;
  });
  old.slice(fresh.length).forEach(o => o.remove());
}

// listen opens the stream of changes for what the address asks.
function listen() {
  if (events) events.close();
  events = new EventSource('/events' + location.search);
  events.onopen = () => { at('connection').hidden = true; };
  events.onerror = () => {
    at('connection').hidden = false;
    if (events.readyState === EventSource.CLOSED) setTimeout(listen, 5000);
  };
  events.onmessage = message => {
    for (const [id, html] of Object.entries(JSON.parse(message.data))) {
      if (id === 'title') { document.title = html; continue; } // plain text
      const fresh = document.createElement('div');
      fresh.innerHTML = html;
      followChildren(at(id), fresh);
    }
  };
}

document.documentElement.classList.add('scripted');
at('choice').addEventListener('change', event => {
  const form = event.target.form;
  history.replaceState(null, '', '?' + new URLSearchParams(new FormData(form)));
  listen();
});
listen();
