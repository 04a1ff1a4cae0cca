import { createTheme, type MantineColorsTuple } from "@mantine/core";

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

export const theme = createTheme({
  fontFamily: "'Be Vietnam Pro', system-ui, sans-serif",
  headings: { fontFamily: "'Be Vietnam Pro', system-ui, sans-serif", fontWeight: "600" },
  primaryColor: "ink",
  primaryShade: { light: 7, dark: 6 },
  colors: { ink },
  defaultRadius: "md",
  fontSizes: { xs: "0.75rem", sm: "0.8438rem", md: "0.9375rem", lg: "1.0625rem", xl: "1.3125rem" },
  focusRing: "auto",
  cursorType: "pointer",
  respectReducedMotion: true,
});
