import { useTranslation } from "react-i18next";
import type { Note } from "../api/client";
import { dateTime } from "../lib/format";
import css from "./Ticket.module.css";

export function Timeline({ notes }: { notes: Note[] }) {
  const { t } = useTranslation();
  const what = (note: Note) => {
    if (note.kind === "created" && !note.author) return t("tickets.createdAuto");
    const key = note.kind === "created" ? "createdBy" : note.kind === "note" ? "noteBy" : "otherBy";
    return t(`tickets.${key}`, { who: note.author_name || note.author });
  };
  return (
    <ol className={css.timeline}>
      {notes.map((note, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a history only grows at its end
        <li key={index}>
          <div className={css.noteHead}>
            <b>{what(note)}</b>
            <time className="label tabular" dateTime={note.at}>
              {dateTime(note.at)}
            </time>
          </div>
          {note.text && <p className={css.noteText}>{note.text}</p>}
        </li>
      ))}
    </ol>
  );
}
