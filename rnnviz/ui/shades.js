// Words in the colour of a line take its shade that can be read on the ground of this theme.
export function shaded(layout, shades) {
  const spelt = (text) => text?.replace?.(/color:(#[0-9a-f]{6})/g, (all, colour) => `color:${shades[colour] ?? colour}`);
  const word = (one) => {
    const colour = shades[one.font?.color], text = spelt(one.text);
    if (!colour && text === one.text) return one;
    return { ...one, text, font: colour ? { ...one.font, color: colour } : one.font };
  };
  const found = { ...layout, annotations: layout.annotations?.map(word) };
  for (const [name, axis] of Object.entries(layout)) {
    if (!/^[xy]axis/.test(name) || !axis.title) continue;
    const title = word(axis.title);
    if (title !== axis.title) found[name] = { ...axis, title };
  }
  return found;
}
