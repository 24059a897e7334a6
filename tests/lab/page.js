// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
// page.js - looks at a counterexample's page in a frame: see `page`, which sets width, dark and texts.

addEventListener('load', () => {
	const wrong = [], frame = document.getElementById('f').contentWindow, page = frame.document;
	const check = (ok, what) => ok || wrong.push(what);
	const rows = [...page.querySelectorAll('tr.e')], by = id => page.getElementById(id);
	const press = key => page.dispatchEvent(
		new frame.KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
	const at = () => rows.findIndex(r => r.classList.contains('now'));
	const told = r => r.querySelector('td.on').textContent;
	const light = colour => {
		const [r, g, b] = colour.match(/[\d.]+/g).map(
			v => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
		return .2126 * r + .7152 * g + .0722 * b;
	};
	const style = e => frame.getComputedStyle(e);
	const behind = e => !e ? 'rgb(255, 255, 255)' :
		style(e).backgroundColor !== 'rgba(0, 0, 0, 0)' ? style(e).backgroundColor : behind(e.parentElement);
	const contrast = e => {
		const a = light(style(e).color), b = light(behind(e));
		return (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
	};
	const mark = name => [...page.querySelectorAll('ol.ring')].map(
		ring => [...ring.children].findIndex(li => (li.querySelector('i') || li).textContent
			.split(' ').includes(name)));

	try {
		check(rows.length > 1, 'no rows');
		check(by('count').textContent === `1 / ${rows.length}`, 'it does not begin at the first row');
		check(at() === 0, 'the first row is not marked');
		press('ArrowRight');
		check(at() === 1, 'the right arrow does not step');
		press('k');
		check(at() === 0, 'k does not step back');
		press('ArrowLeft');
		check(at() === 0, 'it steps past the beginning');
		press('End');
		check(at() === rows.length - 1, 'End does not go to the end');
		press('j');
		check(at() === rows.length - 1, 'it steps past the end');
		const doomed = rows.findIndex(r => r.dataset.chapter > 0);
		if (doomed >= 0) {
			press('d');
			check(at() === doomed, 'd does not go to the point of no return');
		}
		by('first').click();
		check(at() === 0, 'the button does not go to the first row');
		by('next').click();
		check(at() === 1, 'the button does not step');
		rows[rows.length - 1].click();
		check(at() === rows.length - 1, 'a click does not select');

		for (const text of texts)
			check(rows.some(r => told(r) === text), `nothing tells "${text}"`);

		// The ring is that of the row: the tail is where the last doorbell has put it.
		rows.forEach((r, i) => {
			const bell = /^IQT := (0x[0-9a-f]+|0)$/.exec(told(r));

			rows[i].click();
			if (bell)
				check(mark('IQT').includes(Number(bell[1]) / 16),
					`IQT is not at ${bell[1]}: ${mark('IQT')}`);
			const where = r.querySelector('td.where').textContent;
			const line = /:(\d+) /.exec(where), code = r.querySelector('td.where code');
			if (line && code)
				check(by('source').querySelector('mark').textContent.trim()
					.startsWith(line[1]), `the source of ${where} is not shown`);
		});
		check(rows.some(r => r.querySelector('td.where code')), 'no source lines');

		check(page.documentElement.scrollWidth <= width, `it is wider than ${width} pixels`);
		check(!page.querySelector('#broken'), 'a name has become markup');
		const back = frame.getComputedStyle(page.body).backgroundColor;
		check((back === 'rgb(255, 255, 255)') === !dark, `background ${back}`);
		for (const b of page.querySelectorAll('button'))
			check(b.offsetWidth >= 44 && b.offsetHeight >= 44, 'a button too small for a finger');
		for (const e of page.body.querySelectorAll('*:not(script):not(button)'))
			check(e.offsetParent === null || contrast(e) >= 4.5 || !e.textContent.trim(),
				`${e.tagName} ${e.className} is faint: ${contrast(e)}`);
		const panel = by('panel').getBoundingClientRect();
		rows[rows.length >> 1].click();
		const row = rows[rows.length >> 1].getBoundingClientRect();
		check(panel.left >= row.right || row.bottom <= panel.top, 'the panel hides the row');
	} catch (e) {
		wrong.push(String(e));
	}
	const verdict = document.createElement('pre');
	verdict.id = 'verdict';
	verdict.textContent = wrong.length ? wrong.join('\n') : 'fine';
	document.body.append(verdict);
});
