import { TextInput } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { tidy } from "../lib/format";

const PAUSE_MS = 350;

interface Props {
  label: string;
  value: string;
  onChange: (value: string) => void;
  width?: number;
}

/** A filter's text: looked for after a pause, never in the middle of a letter that an input method is composing. */
export function FilterText({ label, value, onChange, width = 220 }: Props) {
  const [text, setText] = useState(value);
  const composing = useRef(false);
  const given = useRef(value);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    if (value !== given.current) setText(value);
    given.current = value;
  }, [value]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const later = (next: string) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      given.current = tidy(next);
      onChange(given.current);
    }, PAUSE_MS);
  };
  return (
    <TextInput
      label={label}
      w={width}
      maw="100%"
      size="sm"
      value={text}
      maxLength={200}
      onChange={(event) => {
        setText(event.currentTarget.value);
        if (!composing.current) later(event.currentTarget.value);
      }}
      onCompositionStart={() => {
        composing.current = true;
      }}
      onCompositionEnd={(event) => {
        composing.current = false;
        later(event.currentTarget.value);
      }}
    />
  );
}
