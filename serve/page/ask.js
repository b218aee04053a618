// Questions to the server, the latest of which wins.

const $ = (id) => document.getElementById(id);

// make returns an element with a text, or with children.
function make(name, content = '', attributes = {}) {
	const e = document.createElement(name);
	if (Array.isArray(content)) e.append(...content);
	else e.textContent = content;
	for (const [k, v] of Object.entries(attributes)) e.setAttribute(k, v);
	return e;
}

let key = ''; // of the API, in memory alone

// ask sends a question, or gets a path if there is no body; json or text comes back.
async function ask(path, body, signal) {
	const headers = key ? { Authorization: 'Bearer ' + key } : {};
	if (body) headers['Content-Type'] = 'application/json';
	const answer = await fetch(path, { method: body ? 'POST' : 'GET', headers, body: body && JSON.stringify(body), signal });
	const isJSON = (answer.headers.get('Content-Type') || '').includes('json');
	const content = await (isJSON ? answer.json() : answer.text());
	signal?.throwIfAborted();
	if (answer.status === 401) {
		$('key-form').hidden = false;
		$('key').focus();
	}
	if (!answer.ok) throw new Error(content?.error?.message ?? content?.error ?? `The server answers ${answer.status}.`);
	return content;
}

// latest returns a function that starts work after a pause in which it is not called
// again. What is still under way then is given up.
function latest(work, pause) {
	let timer, running;
	return (wait = pause) => {
		clearTimeout(timer);
		running?.abort();
		const mine = (running = new AbortController());
		timer = setTimeout(async () => {
			try {
				await work(mine.signal);
			} catch (e) {
				if (!mine.signal.aborted) fail(e);
			}
		}, wait);
	};
}

function fail(e) {
	const lost = e instanceof TypeError; // what fetch throws
	$('failure').textContent = lost ? 'The server does not answer. It may have stopped.' : e.message;
	$('failure').hidden = false;
}

// speak says to those who listen what has changed, once it stays so.
const speak = (() => {
	let timer;
	return (words) => {
		clearTimeout(timer);
		timer = setTimeout(() => ($('spoken').textContent = words), 1000);
	};
})();
