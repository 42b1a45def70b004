'use strict';
(() => {
  const SEVERITIES = ['LockedOut', 'Unknown', 'Renamed', 'Changed', 'Equal'];
  const TITLES = ['Locked out', 'Unknown', 'Renamed', 'Changed', 'Equal'];
  // Higher a browser draws nothing: Firefox ends at 17.9 million pixels.
  const HIGHEST = 15e6;
  const SEVERITY = 0, TENANT = 1, USER = 2, ATTRIBUTE = 3, BEFORE = 4, AFTER = 5, REASON = 6, ADVICE = 7, ID = 8, PLACE = 9, SYNC = 10;

  const { rows, texts } = JSON.parse(document.getElementById('rows').textContent);
  const find = (id) => document.getElementById(id);
  const scroller = find('scroller'), table = find('table'), head = table.tHead, body = table.tBodies[0];
  const filter = find('filter'), severity = find('severity'), attribute = find('attribute'), status = find('status');

  const text = (place) => place === null ? '' : texts[place];
  const severalTenants = new Set(rows.map((row) => row[TENANT])).size > 1;
  // Where there is none now and the row can be judged, nothing is written.
  const withoutAfter = (row) => row[BEFORE] === null && SEVERITIES[row[SEVERITY]] !== 'Unknown' ? 'none' : 'not known';
  const COLUMNS = [
    { key: 'severity', title: 'Severity', style: 'severity', of: (row) => TITLES[row[SEVERITY]] },
    { key: 'tenant', title: 'Tenant', style: 'tenant', of: (row) => text(row[TENANT]) },
    { key: 'user', title: 'User', style: 'user', of: (row) => row[USER], absent: () => 'no account' },
    { key: 'attribute', title: 'Attribute', style: 'attribute-column', of: (row) => text(row[ATTRIBUTE]) },
    { key: 'before', title: 'Now', style: 'before', of: (row) => row[BEFORE], absent: () => 'none' },
    { key: 'after', title: 'Afterwards', style: 'after', of: (row) => row[AFTER], absent: withoutAfter },
  ].filter((column) => column.key !== 'tenant' || severalTenants);
  const LAST = '\uffff';
  const collator = new Intl.Collator(undefined, { numeric: true });

  let sorted = { key: 'severity', descending: false };
  let order = rows.map((_, at) => at);
  let found = order;
  let haystack = null;

  const element = (name, style, content) => {
    const made = document.createElement(name);
    if (style) made.className = style;
    if (content !== undefined) made.textContent = content;
    return made;
  };

  // By the text of a column, what is absent last; rows that are alike keep their order.
  const sort = () => {
    const column = COLUMNS.find((known) => known.key === sorted.key);
    const turn = sorted.descending ? -1 : 1;
    order = rows.map((_, at) => at);
    if (column.key === 'severity') {
      order.sort((a, b) => turn * (rows[a][SEVERITY] - rows[b][SEVERITY]) || a - b);
    } else {
      const keys = rows.map((row) => column.of(row) || LAST);
      order.sort((a, b) => turn * collator.compare(keys[a], keys[b]) || a - b);
    }
    for (const cell of head.rows[0].cells) {
      if (cell.dataset.key !== sorted.key) cell.removeAttribute('aria-sort');
      else cell.setAttribute('aria-sort', sorted.descending ? 'descending' : 'ascending');
    }
  };

  // What a row has of its own is made small once; what rows share is looked at once a search.
  const own = (row) => [row[USER], row[BEFORE], row[AFTER], row[ID]].join('\n').toLowerCase();

  const search = (wanted) => {
    haystack ??= rows.map(own);
    const has = (value) => value.toLowerCase().includes(wanted);
    const shared = texts.map(has), titles = TITLES.map(has);
    return (at) => {
      const row = rows[at];
      return haystack[at].includes(wanted) || titles[row[SEVERITY]] || shared[row[ATTRIBUTE]] || shared[row[REASON]]
        || row[ADVICE] !== null && shared[row[ADVICE]] || shared[row[TENANT]];
    };
  };

  const choose = () => {
    const wanted = filter.value.trim().toLowerCase();
    const grave = SEVERITIES.indexOf(severity.value), named = attribute.value === '' ? -1 : Number(attribute.value);
    const matches = wanted ? search(wanted) : () => true;
    found = order.filter((at) => (grave < 0 || rows[at][SEVERITY] === grave) && (named < 0 || rows[at][ATTRIBUTE] === named) && matches(at));
    scroller.scrollTop = 0;
    draw();
  };

  const height = () => parseFloat(getComputedStyle(document.documentElement).getPropertyValue('--row'))
    * parseFloat(getComputedStyle(document.documentElement).fontSize);

  const space = (pixels) => {
    const row = element('tr', 'space');
    row.setAttribute('aria-hidden', 'true');
    row.style.height = `${pixels}px`;
    return row;
  };

  const drawnRow = (at, place) => {
    const row = rows[at], line = element('tr', SEVERITIES[row[SEVERITY]]);
    line.setAttribute('role', 'row');
    line.setAttribute('aria-rowindex', String(place + 2));
    line.dataset.at = String(at);
    line.tabIndex = 0;
    for (const column of COLUMNS) {
      const value = column.of(row);
      const cell = element('td', value ? column.style : `${column.style} absent`, value || (value === '' ? 'empty' : column.absent(row)));
      cell.setAttribute('role', 'cell');
      cell.dir = 'auto';
      if (column.key === 'severity') cell.prepend(element('span', 'mark'));
      if (value) cell.title = value;
      line.append(cell);
    }
    return line;
  };

  // Only what is in sight and a little more; the rest is space.
  const draw = () => {
    const one = height(), shown = Math.min(found.length, Math.floor(HIGHEST / one));
    const first = Math.max(0, Math.min(shown, Math.floor(scroller.scrollTop / one)) - 8);
    const last = Math.min(shown, first + Math.ceil(scroller.clientHeight / one) + 16);
    const held = body.contains(document.activeElement) ? document.activeElement.dataset.at : null;
    const lines = [];
    for (let place = first; place < last; place++) lines.push(drawnRow(found[place], place));
    body.replaceChildren(space(first * one), ...lines, space((shown - last) * one));
    if (held !== null) lines.find((line) => line.dataset.at === held)?.focus({ preventScroll: true });
    table.setAttribute('aria-rowcount', String(shown + 1));
    const number = (count) => count.toLocaleString('en');
    const all = found.length === rows.length ? `${number(rows.length)} rows` : `${number(found.length)} of ${number(rows.length)} rows`;
    const message = shown < found.length ? `${all}; the first ${number(shown)} are in the table: search to see others` : all;
    if (status.textContent !== message) status.textContent = message;
  };

  const details = find('details');
  const open = (at) => {
    const row = rows[at], synchronized = { true: 'Yes', false: 'No: it left what is synchronized', null: 'No: converted, or never synchronized' };
    find('details-title').textContent = row[USER] || 'A user of the portal without an account';
    const list = details.querySelector('dl');
    list.replaceChildren();
    for (const [name, value] of [
      ['Severity', TITLES[row[SEVERITY]]], ['Attribute', text(row[ATTRIBUTE])], ['Now', row[BEFORE] ?? 'none'], ['Afterwards', row[AFTER] ?? withoutAfter(row)],
      ['Why', text(row[REASON])], ['What to do', text(row[ADVICE])], ['Tenant', text(row[TENANT])], ['Object id', row[ID]],
      ['Place in the portal\u2019s file', row[PLACE]], ['Synchronized', synchronized[row[SYNC]]],
    ]) {
      if (value === null || value === '') continue;
      const shown = element('dd', '', String(value));
      shown.dir = 'auto';
      list.append(element('dt', '', name), shown);
    }
    details.showModal();
  };

  const step = (line, by) => {
    const other = by > 0 ? line.nextElementSibling : line.previousElementSibling;
    if (other && other.dataset.at) { other.focus(); return true; }
    return false;
  };

  // #filter=text&severity=LockedOut&attribute=mail&sort=-user: so that a view can be bookmarked.
  const read = () => {
    const asked = new URLSearchParams(location.hash.slice(1));
    filter.value = asked.get('filter') ?? '';
    severity.value = SEVERITIES.includes(asked.get('severity')) ? asked.get('severity') : '';
    const named = texts.indexOf(asked.get('attribute'));
    attribute.value = [...attribute.options].some((option) => option.value === String(named)) ? String(named) : '';
    const by = asked.get('sort') ?? 'severity', key = by.replace(/^-/, '');
    if (COLUMNS.some((column) => column.key === key)) sorted = { key, descending: by.startsWith('-') };
    sort();
    choose();
  };

  const line = element('tr');
  line.setAttribute('role', 'row');
  for (const column of COLUMNS) {
    const cell = element('th', column.style), button = element('button', '', column.title);
    cell.scope = 'col';
    cell.setAttribute('role', 'columnheader');
    cell.dataset.key = column.key;
    button.type = 'button';
    button.addEventListener('click', () => {
      sorted = { key: column.key, descending: sorted.key === column.key && !sorted.descending };
      sort();
      choose();
    });
    cell.append(button);
    line.append(cell);
  }
  head.append(line);
  SEVERITIES.forEach((name, at) => severity.add(new Option(TITLES[at], name)));
  [...new Set(rows.map((row) => row[ATTRIBUTE]))].map((place) => [texts[place], place]).sort()
    .forEach(([name, place]) => attribute.add(new Option(name, String(place))));

  let waits = false;
  const soon = () => {
    if (waits) return;
    waits = true;
    requestAnimationFrame(() => { waits = false; draw(); });
  };
  scroller.addEventListener('scroll', soon, { passive: true });
  addEventListener('resize', soon);
  addEventListener('hashchange', read);
  filter.addEventListener('input', choose);
  severity.addEventListener('change', choose);
  attribute.addEventListener('change', choose);
  filter.form.addEventListener('submit', (event) => event.preventDefault());
  body.addEventListener('click', (event) => {
    const row = event.target.closest('tr[data-at]');
    if (row) open(Number(row.dataset.at));
  });
  body.addEventListener('keydown', (event) => {
    const row = event.target.closest('tr[data-at]');
    if (!row) return;
    if (event.key === 'Enter' || event.key === ' ') { event.preventDefault(); open(Number(row.dataset.at)); }
    if (event.key === 'ArrowDown' && step(row, 1) || event.key === 'ArrowUp' && step(row, -1)) event.preventDefault();
  });
  find('close').addEventListener('click', () => details.close());
  document.documentElement.classList.add('scripted');
  read();
})();
