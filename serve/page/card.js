// A model card: the little of Markdown that cards use, as elements whose text is never
// taken for HTML.

// inline turns `code` and **strong** into elements; links keep their words and address.
function inline(text) {
	return text.split(/(`[^`]+`|\*\*[^*]+\*\*)/).map((part) => {
		if (part.length > 2 && part.startsWith('`')) return make('code', part.slice(1, -1));
		if (part.length > 4 && part.startsWith('**')) return make('strong', part.slice(2, -2));
		return part.replace(/\[([^\]]+)\]\(([^)\s]+)\)/g, '$1 ($2)');
	});
}

function table(rows) {
	const cells = (row) => row.replace(/^\||\|\s*$/g, '').split('|').map((c) => c.trim());
	const [head, , ...body] = rows;
	return make('div', [make('table', [
		make('thead', [make('tr', cells(head).map((c) => make('th', inline(c), { scope: 'col' })))]),
		make('tbody', body.map((row) => make('tr', cells(row).map((c, i) => make(i ? 'td' : 'th', inline(c), i ? {} : { scope: 'row' }))))),
	])], { class: 'scroll', role: 'region', tabindex: 0, 'aria-label': 'Table: ' + cells(head).join(', ') });
}

// markdown returns the elements of a text.
function markdown(text) {
	const lines = text.replace(/\r/g, '').replace(/^---\n[\s\S]*?\n---\n/, '').split('\n'); // front matter is for programs
	const out = [];
	// take returns the lines from here on that look alike.
	const take = (like) => {
		const list = [];
		while (lines.length && like.test(lines[0])) list.push(lines.shift());
		return list;
	};
	while (lines.length) {
		const line = lines[0];
		if (line.startsWith('```')) {
			lines.shift();
			const code = take(/^(?!```)/);
			lines.shift();
			out.push(make('pre', [make('code', code.join('\n'))], { tabindex: 0, role: 'region', 'aria-label': 'Commands' }));
		} else if (/^#+ /.test(line)) {
			out.push(make('h3', inline(lines.shift().replace(/^#+ /, ''))));
		} else if (/^\|.*\|/.test(line) && /^\|[ :|-]+$/.test(lines[1] ?? '')) {
			out.push(table(take(/^\|/)));
		} else if (/^[-*] /.test(line)) {
			out.push(make('ul', take(/^[-*] /).map((l) => make('li', inline(l.slice(2))))));
		} else if (!line.trim()) {
			lines.shift();
		} else {
			const words = [lines.shift(), ...take(/^(?!```|#+ |[-*] |\|)\s*\S/)];
			out.push(make('p', words.flatMap((l, i) => (i && words[i - 1].endsWith('  ') ? [make('br'), ...inline(l)] : inline((i ? ' ' : '') + l)))));
		}
	}
	return out;
}
