import { createBrowserRouter } from "react-router";
import { Desk } from "./desk/Desk";
import { Gate } from "./session/Gate";
import { SignIn } from "./session/SignIn";
import { Crashed, NotFound } from "./ui/Trouble";

export const router = createBrowserRouter([
  { path: "/dang-nhap", element: <SignIn />, errorElement: <Crashed /> },
  {
    element: <Gate />,
    errorElement: <Crashed />,
    hydrateFallbackElement: <div />,
    children: [
      { index: true, element: <Desk /> },
      {
        path: "phieu",
        lazy: async () => ({ Component: (await import("./tickets/TicketsPage")).TicketsPage }),
      },
      {
        path: "phieu/:code",
        lazy: async () => ({ Component: (await import("./tickets/TicketPage")).TicketPage }),
      },
      { path: "cuoc-goi", lazy: async () => ({ Component: (await import("./calls/CallsPage")).CallsPage }) },
      {
        path: "cuoc-goi/:linkedid",
        lazy: async () => ({ Component: (await import("./calls/CallPage")).CallPage }),
      },
      { path: "giam-sat", lazy: async () => ({ Component: (await import("./watch/Watch")).Watch }) },
      { path: "*", element: <NotFound /> },
    ],
  },
]);
