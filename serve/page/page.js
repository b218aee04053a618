// The page: what happens when.

let model = null; // the one chosen
let models = [];

const can = (route) => model.routes.includes(route);
const percent = (v) => (100 * v).toFixed(1) + ' %';

// input is the text, or the pair of texts.
function input() {
	const text = $('text').value;
	return $('second-part').hidden || !$('second').value ? text : { text, pair: $('second').value };
}

// bars shows probabilities beside their names, a bar of full length being most.
function bars(list, most) {
	return make('dl', list.flatMap(([name, share]) => {
		const bar = make('div', '', { class: 'bar', 'aria-hidden': 'true' });
		bar.style.setProperty('--share', (100 * share) / most + '%');
		return [make('dt', name), bar, make('dd', percent(share))];
	}), { class: 'bars' });
}

async function askMasks(signal) {
	const hidden = $('text').value.includes('[MASK]');
	$('answer-hint').textContent = hidden ? 'The five likeliest words; the first has the full bar.' : 'Write [MASK] in the text where the model shall find the word.';
	if (!hidden) return $('answers').replaceChildren();
	const a = await ask('/v1/fill-mask', { model: model.id, input: input(), top: 5 }, signal);
	const masks = a.data[0].masks;
	$('answers').replaceChildren(...masks.flatMap((guesses, i) => [
		...(masks.length > 1 ? [make('h4', `Mask ${i + 1}`)] : []),
		bars(guesses.map((g) => [g.word, g.probability]), guesses[0].probability),
	]));
	speak(masks.map((guesses) => guesses.map((g) => `${g.word}, ${percent(g.probability)}`).join('; ')).join('. '));
}

async function askClasses(signal) {
	const a = (await ask('/v1/classify', { model: model.id, input: input(), top: 10 }, signal)).data[0];
	const words = a.scores ? a.labels?.join(', ') ?? a.label : String(digits(a.value));
	$('answers').replaceChildren(a.scores ? bars(a.scores.map((s) => [s.label, s.score]), 1) : make('p', words));
	speak(`${$('answer-title').textContent}: ${words}`);
}

async function compare(signal) {
	const texts = $('texts').value.split('\n').filter((t) => t.trim()).slice(0, 8);
	if (!texts.length) return $('matrix').replaceChildren();
	const a = await ask('/v1/embeddings', { model: model.id, input: texts, normalize: true }, signal);
	const v = a.data.map((d) => d.embedding);
	const cosines = v.map((a) => v.map((b) => a.reduce((sum, x, k) => sum + x * b[k], 0)));
	const lowest = Math.min(...cosines.flat(), 0.999);
	$('matrix').replaceChildren(make('table', [
		make('thead', [make('tr', [make('td'), ...texts.map((_, j) => make('th', String(j + 1), { scope: 'col' }))])]),
		make('tbody', texts.map((t, i) => make('tr', [make('th', `${i + 1}. ${t}`, { scope: 'row' }), ...texts.map((_, j) => {
			const cell = make('td', cosines[i][j].toFixed(2));
			cell.style.setProperty('--share', Math.round((40 * (cosines[i][j] - lowest)) / (1 - lowest)) + '%');
			return cell;
		})]))),
	]));
	speak(`Compared ${texts.length} texts.`);
}

const answer = latest(async (signal) => {
	$('failure').hidden = true;
	if (can('/v1/fill-mask')) await askMasks(signal);
	else if (can('/v1/classify')) await askClasses(signal);
}, 150);
const kernels = latest(async (signal) => {
	$('failure').hidden = true;
	if (!can('/v1/kernels')) return;
	await askKernels(model, input(), signal);
	$('count').textContent = `${shown.tokens} tokens`;
}, 150);
const comparison = latest(async (signal) => {
	$('failure').hidden = true;
	await compare(signal);
}, 300);
const card = latest(async (signal) => {
	const text = await ask(`/v1/models/${encodeURIComponent(model.id)}/card`, null, signal).catch((e) => e.message);
	$('card').replaceChildren(...markdown(text));
}, 0);

// choose shows what a model can do.
function choose() {
	model = models.find((m) => m.id === $('model').value);
	shown = kept = null;
	$('facts').textContent = `${model.description}; ${model.parameters.toLocaleString('en')} parameters; texts of up to ${model.max_tokens.toLocaleString('en')} tokens`;
	const masks = can('/v1/fill-mask'), classes = can('/v1/classify');
	$('second-part').hidden = !(model.columns?.length > 1);
	$('mask').hidden = !masks;
	$('answer').hidden = !masks && !classes;
	$('answer-title').textContent = masks ? 'The hidden word' : model.classes ? 'What the model says' : 'The value';
	$('answer-hint').textContent = model.classes ? 'How likely it finds each class.' : '';
	$('answers').replaceChildren();
	$('count').textContent = '';
	$('kernel-part').hidden = !can('/v1/kernels');
	$('layer').replaceChildren(...Array.from({ length: model.layers }, (_, i) => make('option', String(i + 1), { value: i })));
	$('channel').max = model.dimensions - 1;
	nameChannel();
	for (const work of [answer, kernels, comparison, card]) work(0);
}

function nameChannel() {
	$('channel-name').textContent = `${Number($('channel').value) + 1} of ${model.dimensions}`;
	$('channel').disabled = $('all').checked;
}

async function start() {
	$('failure').hidden = true;
	models = (await ask('/v1/models')).data;
	$('key-form').hidden = true;
	$('model').replaceChildren(...models.map((m) => make('option', m.id)));
	const masks = models[0].routes.includes('/v1/fill-mask');
	$('text').value ||= masks ? 'She opened the [MASK] and went in.' : 'A warm, funny film that never once feels long.';
	$('texts').value ||= 'She opened the door and went in.\nThe door was open, so she walked in.\nIt rained for three days.';
	choose();
}

for (const id of ['text', 'second']) $(id).addEventListener('input', () => [answer, kernels].forEach((work) => work()));
$('texts').addEventListener('input', () => comparison());
$('model').addEventListener('change', choose);
$('layer').addEventListener('change', () => kernels(0));
$('channel').addEventListener('input', () => { nameChannel(); kernels(50); });
$('all').addEventListener('change', () => { nameChannel(); drawKernels(); });
$('keep').addEventListener('click', () => {
	if (!shown) return;
	kept = shown;
	const text = kept.input.text ?? kept.input;
	$('kept-text').textContent = text.length > 60 ? text.slice(0, 60) + '…' : text;
	drawKernels();
});
$('mask').addEventListener('click', () => {
	const box = $('text');
	box.setRangeText('[MASK]', box.selectionStart, box.selectionEnd, 'end');
	box.dispatchEvent(new Event('input'));
	box.focus();
});
$('key-form').addEventListener('submit', (e) => {
	e.preventDefault();
	key = $('key').value;
	start().catch(fail);
});
new ResizeObserver(drawKernels).observe($('kernel-part'));
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawKernels);
start().catch(fail);
