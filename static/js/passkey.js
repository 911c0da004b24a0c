/* Passkeys: lets the page's forms open the browser's own dialogue, through allauth's webauthn.js.

   <form data-passkey="add | login | use" data-ids='{…}'> holds the ids that allauth asks for;
   [data-passkey-able] shows where the browser can, [data-passkey-unable] where it cannot, and
   [data-passkey-scriptless] where this has not run. */
(() => {
  const ways = window.allauth.webauthn.forms;
  const start = { add: ways.addForm, login: ways.loginForm, use: ways.authenticateForm };
  const able = window.isSecureContext && 'PublicKeyCredential' in window;
  const forms = document.querySelectorAll('[data-passkey]');
  let used = forms[0];

  for (const form of forms) {
    form.querySelector('[data-passkey-scriptless]').hidden = true;
    form.querySelector('[data-passkey-able]').hidden = !able;
    form.querySelector('[data-passkey-unable]').hidden = able;
    if (!able) continue;
    form.addEventListener('click', () => {
      used = form;
      form.querySelector('[data-passkey-error]').textContent = '';
    }, true);
    start[form.dataset.passkey]({ ids: JSON.parse(form.dataset.ids) });
  }

  document.addEventListener('allauth.error', (event) => {
    event.preventDefault();
    used.querySelector('[data-passkey-error]').textContent =
      'Det gick inte att använda nyckeln. Du kan ha avbrutit, eller så tog det för lång tid. Försök igen.';
  });
})();
