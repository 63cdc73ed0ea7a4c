/** One of a few, with the browser's own list. */

interface Props<Value extends string> {
  label: string;
  value: Value;
  choose: (value: Value) => void;
  of: readonly (readonly [value: Value, text: string])[];
}

export function Choice<Value extends string>({ label, value, choose, of }: Props<Value>) {
  const chosen = (next: string) => of.find(([one]) => one === next)?.[0];
  return (
    <select
      className="choice"
      aria-label={label}
      value={value}
      onChange={({ target }) => {
        const next = chosen(target.value);
        if (next !== undefined) choose(next);
      }}
    >
      {of.map(([one, text]) => (
        <option key={one} value={one}>
          {text}
        </option>
      ))}
    </select>
  );
}
