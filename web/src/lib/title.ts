import { useEffect } from "react";

/** The window's title, while this page is shown. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · 1022`;
  }, [title]);
}
