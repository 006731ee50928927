// Shape B: the elections and the answers come from a JSON API of the same origin.
(function () {
  'use strict';

  const form = document.getElementById('consultaForm');
  const documento = document.getElementById('documento');
  const select = document.getElementById('eleccion');
  const note = document.getElementById('mensajeEleccion');
  const button = document.getElementById('submitBtn');
  const result = document.getElementById('resultado');

  const LABELS = {
    nuip: 'NUIP',
    nom_depto: 'Departamento',
    nom_mun: 'Municipio',
    nom_puesto: 'Puesto',
    direccion: 'Dirección',
    mesa: 'Mesa',
  };

  const captcha = () => window.grecaptcha || window.turnstile;

  function element(name, text) {
    const made = document.createElement(name);
    made.textContent = text;
    return made;
  }

  function message(...texts) {
    result.replaceChildren(...texts.filter(Boolean).map((text) => element('p', text)));
  }

  function fill(elections) {
    elections.forEach((election) => {
      const option = element('option', election.nombre);
      option.value = election.id;
      option.dataset.mensaje = election.mensaje || '';
      select.append(option);
    });
    button.disabled = false;
    select.dispatchEvent(new Event('change'));
  }

  function placeTable(data, map) {
    const table = document.createElement('table');
    Object.entries(data).forEach(([key, value]) => {
      const label = LABELS[key.toLowerCase()];
      if (!label) return;
      const row = table.insertRow();
      row.append(element('th', label), element('td', value === null ? '' : String(value)));
    });
    result.replaceChildren(table);
    if (map) {
      const link = element('a', 'Ver en el mapa');
      link.href = map.url;
      result.append(link);
    }
  }

  function put(answer) {
    if (!answer.ok) {
      message(answer.error || 'Respuesta no válida.');
    } else if (answer.encontrado) {
      placeTable(answer.data, answer.mapa);
    } else {
      message(answer.mensaje, answer.descripcion);
    }
  }

  select.addEventListener('change', () => {
    const chosen = select.selectedOptions[0];
    note.textContent = chosen ? chosen.dataset.mensaje : '';
  });

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    message('Consultando…');
    button.disabled = true;
    fetch('/back/api/consulta', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({
        documento: documento.value,
        eleccionId: Number(select.value),
        captchaToken: captcha() ? captcha().getResponse() : '',
      }),
    })
      .then((reply) => reply.json())
      .then(put)
      .catch(() => message('No fue posible realizar la consulta.'))
      .finally(() => {
        button.disabled = false;
        if (captcha()) captcha().reset();
      });
  });

  fetch('/back/api/elecciones')
    .then((reply) => reply.json())
    .then((reply) => fill(reply.data))
    .catch(() => message('No fue posible cargar las elecciones.'));
})();
