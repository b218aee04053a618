// The kernels: what the long convolutions of a layer work with for the text.

const channelsShown = 32; // rows of a map
let shown = null; // the last answer
let kept = null; // one to compare with

// rowsShown are channels spread over all of them.
function rowsShown(width) {
	const n = Math.min(width, channelsShown);
	return Array.from({ length: n }, (_, i) => Math.floor(((i + 0.5) * width) / n));
}

async function askKernels(model, input, signal) {
	const chosen = Number($('channel').value);
	const of = (input, channels) => ask('/v1/kernels', { model: model.id, input, block: Number($('layer').value), channels }, signal);
	$('kernel-part').setAttribute('aria-busy', 'true');
	try {
		const [now, before] = await Promise.all([of(input, [...rowsShown(model.dimensions), chosen]), kept && of(kept.input, [chosen])]);
		shown = { ...now, input };
		if (kept) kept = { ...before, input: kept.input };
		drawKernels();
	} finally {
		if (!signal.aborted) $('kernel-part').setAttribute('aria-busy', 'false');
	}
}

// line is the one of a kernel that the controls choose.
const line = (kernel) => ($('all').checked ? kernel.all : kernel.channels.at(-1));

function drawKernels() {
	if (!shown) return;
	const both = [['own', shown.own], ['static', shown.static]].filter(([, k]) => k);
	const maps = both.map(([name, k]) => [name, k.channels.slice(0, -1).map((c) => c.taps)]);
	const most = Math.max(...maps.flatMap(([, rows]) => rows.flat().map(Math.abs)));
	$('static-map').hidden = $('static-legend').hidden = !shown.static;
	$('kept-legend').hidden = !kept;
	for (const [name, rows] of maps) {
		heat($('map-' + name), rows, most);
		$('map-' + name).setAttribute('aria-label', `${rows.length} channels by ${shown.tokens} distances, from ${away(shown.lags[0])} to ${away(shown.lags.at(-1))}. ${peak(name)}`);
	}
	for (const axis of document.querySelectorAll('.axis')) {
		const [from, , to] = axis.children;
		from.textContent = away(shown.lags[0]);
		to.textContent = away(shown.lags.at(-1));
	}
	const lines = (key, x) => [
		...(kept ? [{ look: 'kept', x: kept[x], y: line(kept.own)[key] }] : []),
		...both.toReversed().map(([name, k]) => ({ look: name, x: shown[x], y: line(k)[key] })),
	];
	chart($('time'), lines('taps', 'lags'), { xName: symmetric() ? 'tokens away, on both sides' : 'tokens back; below 0 ahead', whole: true });
	chart($('frequency'), lines('magnitudes', 'frequencies'), { xName: 'cycles a token' });
	const channel = $('all').checked ? 'all channels' : `channel ${Number($('channel').value) + 1}`;
	for (const e of document.querySelectorAll('.which')) e.textContent = `: ${channel} of layer ${shown.block + 1}`;
	const words = both.map(([name]) => peak(name)).join(', ') + '.';
	$('time').setAttribute('aria-label', `Kernels in time, ${channel}. ${words}`);
	$('frequency').setAttribute('aria-label', `Kernels in frequency, ${channel}. ` + both.map(([name, k]) => {
		const m = line(k).magnitudes, at = m.indexOf(Math.max(...m));
		return `${names[name]} is strongest at ${digits(shown.frequencies[at])} cycles a token (${digits(m[at])})`;
	}).join(', '));
	$('kernel-words').textContent = `Of ${channel} of layer ${shown.block + 1}: ${words}` + (shown.thinned > 1 ? ` The text is long: each point stands for ${shown.thinned} distances.` : '');
	speak($('kernel-words').textContent);
}

const names = { own: 'its own kernel', static: 'the static kernel' };

// peak says where a kernel is largest.
function peak(name) {
	const taps = line(shown[name]).taps;
	const at = taps.reduce((best, v, i) => (Math.abs(v) > Math.abs(taps[best]) ? i : best), 0);
	return `${names[name]} is largest ${away(shown.lags[at])} (${digits(taps[at])})`;
}

// away says in words how far a lag reaches. Kernels without negative lags reach both ways.
function away(lag) {
	if (lag === 0) return 'at the token itself';
	const way = symmetric() ? 'away' : lag > 0 ? 'back' : 'ahead';
	return `${Math.abs(lag)} ${Math.abs(lag) === 1 ? 'token' : 'tokens'} ${way}`;
}

const symmetric = () => shown.lags[0] >= 0 && shown.tokens > 2;
