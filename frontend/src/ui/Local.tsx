/** The pages of one part of the dApp, beside each other. */

import { Link } from "@tanstack/react-router";

export function Local({ label, pages }: { label: string; pages: readonly (readonly [path: string, name: string])[] }) {
  return (
    <nav className="nav local" aria-label={label}>
      {pages.map(([path, name]) => (
        <Link key={path} to={path} activeOptions={{ exact: true }}>
          {name}
        </Link>
      ))}
    </nav>
  );
}
