// Pictures: a chart of lines, and a map of colours.

const digits = (v) => Number(v.toPrecision(3)).toString().replace('-', '−');

function svg(name, attributes, text) {
	const e = document.createElementNS('http://www.w3.org/2000/svg', name);
	for (const [k, v] of Object.entries(attributes)) e.setAttribute(k, v);
	if (text !== undefined) e.textContent = text;
	return e;
}

// ticks returns about n round numbers from low to high, whole ones if asked for.
function ticks(low, high, n, whole) {
	const rough = (high - low) / n || 1;
	const power = 10 ** Math.floor(Math.log10(rough));
	let step = [1, 2, 5, 10].map((s) => s * power).find((s) => s >= rough * 0.75);
	if (whole) step = Math.max(1, Math.round(step));
	const list = [];
	for (let k = Math.ceil(low / step - 1e-9); k * step <= high + step * 1e-9; k++) list.push(k * step);
	return list;
}

// chart draws lines {name, x, y, look} into an svg element at the size that it has.
function chart(target, lines, { xName, whole }) {
	const W = target.clientWidth || 480, H = target.clientHeight || 240;
	const left = 52, right = 18, top = 10, bottom = 40;
	const all = (key) => lines.flatMap((l) => l[key]);
	let [x0, x1] = [Math.min(...all('x')), Math.max(...all('x'))];
	let [y0, y1] = [Math.min(0, ...all('y')), Math.max(0, ...all('y'))];
	if (x1 === x0) [x0, x1] = [x0 - 1, x1 + 1];
	if (y1 === y0) y1 = y0 + 1;
	const margin = (y1 - y0) * 0.05;
	if (y0 < 0) y0 -= margin;
	y1 += margin;
	const px = (x) => left + ((x - x0) / (x1 - x0)) * (W - left - right);
	const py = (y) => H - bottom - ((y - y0) / (y1 - y0)) * (H - top - bottom);
	const parts = [];
	for (const y of ticks(y0, y1, 4)) {
		parts.push(svg('path', { class: Math.abs(y) < 1e-12 ? 'zero' : 'grid', d: `M${left} ${py(y)}H${W - right}` }));
		parts.push(svg('text', { x: left - 6, y: py(y) + 4, 'text-anchor': 'end' }, digits(y)));
	}
	for (const x of ticks(x0, x1, Math.min(8, W / 70), whole)) {
		parts.push(svg('text', { x: px(x), y: H - bottom + 17, 'text-anchor': 'middle' }, digits(x)));
	}
	parts.push(svg('text', { x: (left + W - right) / 2, y: H - 4, 'text-anchor': 'middle' }, xName));
	for (const l of lines) {
		let d = l.x.map((x, i) => `${i ? 'L' : 'M'}${px(x).toFixed(1)} ${py(l.y[i]).toFixed(1)}`).join('');
		if (l.x.length === 1) d += 'h1';
		parts.push(svg('path', { class: l.look, d }));
	}
	target.setAttribute('viewBox', `0 0 ${W} ${H}`);
	target.replaceChildren(...parts);
}

// colour reads a colour of the page's style as red, green and blue.
function colour(name) {
	const v = parseInt(getComputedStyle(document.documentElement).getPropertyValue(name).trim().slice(1), 16);
	return [v >> 16, (v >> 8) & 255, v & 255];
}

// heat draws rows of numbers: 0 is the page, most the full colour of its sign. The root
// between them lets small numbers be seen beside large ones.
function heat(canvas, rows, most) {
	const [zero, plus, minus] = ['--page', '--plus', '--minus'].map(colour);
	canvas.width = rows[0].length;
	canvas.height = rows.length;
	const context = canvas.getContext('2d');
	const image = context.createImageData(canvas.width, canvas.height);
	rows.flat().forEach((v, i) => {
		const full = v < 0 ? minus : plus, share = Math.sqrt(Math.min(1, Math.abs(v) / (most || 1)));
		for (let c = 0; c < 3; c++) image.data[4 * i + c] = zero[c] + share * (full[c] - zero[c]);
		image.data[4 * i + 3] = 255;
	});
	context.putImageData(image, 0, 0);
}
