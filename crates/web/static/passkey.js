/* Asks the browser for a passkey, and sends what it answers with the form around the button. */
const decode = text =>
    Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), letter => letter.charCodeAt(0));
const encode = buffer =>
    btoa(String.fromCharCode(...new Uint8Array(buffer)))
        .replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
const decodeIds = list => (list || []).map(it => ({ ...it, id: decode(it.id) }));
/* What the server wrote as text becomes bytes, as the browser wants it. */
const ready = options => {
    const key = options.publicKey;
    key.challenge = decode(key.challenge);
    if (key.user) key.user.id = decode(key.user.id);
    if (key.excludeCredentials) key.excludeCredentials = decodeIds(key.excludeCredentials);
    if (key.allowCredentials) key.allowCredentials = decodeIds(key.allowCredentials);
    return options;
};
const asText = credential => {
    const response = {};
    const parts = ['attestationObject', 'authenticatorData', 'clientDataJSON', 'signature', 'userHandle'];
    for (const part of parts) {
        if (credential.response[part]) response[part] = encode(credential.response[part]);
    }
    const { id, type } = credential;
    return JSON.stringify({ id, rawId: encode(credential.rawId), type, response });
};
const begin = async form => {
    if (form.dataset.options) return JSON.parse(form.dataset.options);
    const response = await fetch(form.dataset.begin, { method: 'POST' });
    const answer = await response.json();
    if (!response.ok) throw { said: answer.message };
    return answer;
};
const show = (form, text) => {
    const place = form.querySelector('[role=alert]');
    place.textContent = text || '';
    place.hidden = !text;
};
const send = async event => {
    event.preventDefault();
    const form = event.currentTarget, button = form.querySelector('button');
    show(form);
    button.disabled = true;
    try {
        const options = ready(await begin(form));
        const credential = await navigator.credentials[form.dataset.passkey](options);
        form.elements.answer.value = asText(credential);
        form.submit();
    } catch (error) {
        const known = error.name === 'InvalidStateError' && form.dataset.known;
        show(form, error.said || known || form.dataset.failed);
        button.disabled = false;
    }
};
if (window.PublicKeyCredential && navigator.credentials) {
    for (const part of document.querySelectorAll('[data-passkeys]')) {
        part.hidden = part.dataset.passkeys !== location.origin;
    }
    for (const form of document.querySelectorAll('form[data-passkey]')) {
        form.addEventListener('submit', send);
    }
}
for (const part of document.querySelectorAll('[data-elsewhere]')) {
    part.hidden = part.dataset.elsewhere === location.origin;
}
