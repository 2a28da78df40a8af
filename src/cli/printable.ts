// Text of others (guests, manifests, file names) for people. Control characters could move the cursor, write over other
// lines or change the terminal.

/** One line: control characters as the pictures that Unicode has of them; tabs stay. */
export const printable = (text: string): string =>
  text.replace(/[\x00-\x08\x0a-\x1f\x7f-\x9f]/g, (character) => {
    const code = character.charCodeAt(0);
    return code < 0x20 ? String.fromCharCode(0x2400 + code) : code === 0x7f ? '\u2421' : '\ufffd';
  });
