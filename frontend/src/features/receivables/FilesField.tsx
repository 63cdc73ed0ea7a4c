/** Files chosen or dropped; they are read here and sent nowhere. */

interface Props {
  label: string;
  choose: (files: readonly File[]) => void;
  /** One file only, of these kinds. */
  accept?: string;
}

export function FilesField({ label, choose, accept }: Props) {
  return (
    <label className="entry">
      <span>{label}</span>
      <input
        className="drop"
        type="file"
        multiple={!accept}
        accept={accept}
        onChange={({ target }) => choose([...(target.files ?? [])])}
      />
    </label>
  );
}
