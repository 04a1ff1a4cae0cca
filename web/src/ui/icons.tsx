/** Small line icons of our own; decorative, so that screen readers pass them over. */

import type { ReactNode } from "react";

function Icon({ children, size = 18 }: { children: ReactNode; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.8"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {children}
    </svg>
  );
}

interface Sized {
  size?: number;
}

export const PhoneIcon = ({ size }: Sized) => (
  <Icon size={size}>
    <path d="M5 4h3.5l1.7 4.2-2.3 1.6a11.5 11.5 0 0 0 5.3 5.3l1.6-2.3L19 14.5V18a2 2 0 0 1-2.2 2A15.5 15.5 0 0 1 3 6.2 2 2 0 0 1 5 4z" />
  </Icon>
);
export const BellIcon = ({ size }: Sized) => (
  <Icon size={size}>
    <path d="M6 16V11a6 6 0 1 1 12 0v5l1.5 2h-15zM10 20.5a2.2 2.2 0 0 0 4 0" />
  </Icon>
);
export const BellOffIcon = ({ size }: Sized) => (
  <Icon size={size}>
    <path d="M8 6.5A6 6 0 0 1 18 11v3.5M18 18H4.5L6 16v-5M10 20.5a2.2 2.2 0 0 0 4 0M4 4l16 16" />
  </Icon>
);
export const SearchIcon = ({ size }: Sized) => (
  <Icon size={size}>
    <circle cx="11" cy="11" r="6.5" />
    <path d="m16 16 4.5 4.5" />
  </Icon>
);
export const BackIcon = ({ size }: Sized) => (
  <Icon size={size}>
    <path d="M14.5 5.5 8 12l6.5 6.5" />
  </Icon>
);
export const CloseIcon = ({ size }: Sized) => (
  <Icon size={size}>
    <path d="m6.5 6.5 11 11m0-11-11 11" />
  </Icon>
);
export const PlusIcon = ({ size }: Sized) => (
  <Icon size={size}>
    <path d="M12 5v14M5 12h14" />
  </Icon>
);
export const UserIcon = ({ size }: Sized) => (
  <Icon size={size}>
    <circle cx="12" cy="8.5" r="3.8" />
    <path d="M4.5 20c.8-4 3.8-5.5 7.5-5.5s6.7 1.5 7.5 5.5" />
  </Icon>
);
export const CopyIcon = ({ size }: Sized) => (
  <Icon size={size}>
    <rect x="8.5" y="8.5" width="11" height="11" rx="2.5" />
    <path d="M15.5 8.5V7A2.5 2.5 0 0 0 13 4.5H7A2.5 2.5 0 0 0 4.5 7v6A2.5 2.5 0 0 0 7 15.5h1.5" />
  </Icon>
);
export const InboxIcon = ({ size }: Sized) => (
  <Icon size={size}>
    <path d="M4 14.5 6.5 5h11L20 14.5V19H4zM4 14.5h4.5L10 17h4l1.5-2.5H20" />
  </Icon>
);
export const WarnIcon = ({ size }: Sized) => (
  <Icon size={size}>
    <path d="M12 4 2.8 19.5h18.4zM12 10v4.5M12 17v.2" />
  </Icon>
);
export const CheckIcon = ({ size }: Sized) => (
  <Icon size={size}>
    <path d="m5 12.5 4.5 4.5L19 7.5" />
  </Icon>
);
