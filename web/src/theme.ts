import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from "@mantine/core";

const FONT = "'Hotline Digits', 'Be Vietnam Pro', system-ui, sans-serif";

const ink: MantineColorsTuple = [
  "#edf3fb",
  "#d9e5f4",
  "#b0c9e8",
  "#84abdc",
  "#5f91d1",
  "#4680ca",
  "#2f6cb8",
  "#1f5899",
  "#1c4a7e",
  "#153a64",
];

/** Cooler than Mantine's own, to agree with the page's dark cards. */
const dark: MantineColorsTuple = [
  "#e8ecf1",
  "#c6ced8",
  "#a5afbb",
  "#7f8a97",
  "#3b444f",
  "#2e353e",
  "#232a33",
  "#1b2027",
  "#15191f",
  "#101318",
];

export const theme = createTheme({
  fontFamily: FONT,
  headings: { fontFamily: FONT, fontWeight: "600" },
  primaryColor: "ink",
  primaryShade: { light: 7, dark: 6 },
  colors: { ink, dark },
  defaultRadius: "md",
  fontSizes: { xs: "0.75rem", sm: "0.8438rem", md: "0.9375rem", lg: "1.0625rem", xl: "1.3125rem" },
  focusRing: "auto",
  cursorType: "pointer",
  respectReducedMotion: true,
});

/** Mantine's light variant of a dark accent is nearly black on a dark card. */
export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {},
  dark: {
    "--mantine-color-ink-light": "#1d3a5f",
    "--mantine-color-ink-light-hover": "#234672",
    "--mantine-color-ink-light-color": "#bcd9fc",
  },
});
