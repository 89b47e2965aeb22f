import type { GlobalThemeOverrides } from 'naive-ui';
import type { ReadToken } from './tokens.ts';

/** Naive UI in our tokens. */
export function createNaiveOverrides(token: ReadToken): GlobalThemeOverrides {
  const text = token('color-text');
  const text2 = token('color-text-2');
  const text3 = token('color-text-3');
  const surface = token('color-surface');
  const border = token('color-border');
  const fields = { border: `1px solid ${token('color-border-strong')}66`, color: surface };
  return {
    common: {
      fontFamily: token('font-body'),
      fontFamilyMono: token('font-mono'),
      fontSize: token('text-body'),
      fontSizeTiny: token('text-tiny'),
      fontSizeSmall: token('text-small'),
      fontSizeMedium: token('text-body'),
      fontSizeLarge: token('text-title'),
      borderRadius: token('radius-medium'),
      borderRadiusSmall: token('radius-small'),
      heightTiny: '22px',
      heightSmall: '26px',
      heightMedium: '30px',
      heightLarge: '36px',
      primaryColor: token('color-accent'),
      primaryColorHover: token('color-accent-hover'),
      primaryColorPressed: token('color-accent-pressed'),
      primaryColorSuppl: token('color-accent'),
      infoColor: token('color-accent'),
      infoColorHover: token('color-accent-hover'),
      successColor: token('color-success'),
      warningColor: token('color-warning'),
      errorColor: token('color-danger'),
      errorColorHover: token('color-danger'),
      errorColorPressed: token('color-danger'),
      textColorBase: text,
      textColor1: text,
      textColor2: text,
      textColor3: text3,
      placeholderColor: text3,
      iconColor: text2,
      bodyColor: token('color-app'),
      cardColor: surface,
      modalColor: surface,
      popoverColor: surface,
      tableColor: surface,
      inputColor: surface,
      actionColor: token('color-sunken'),
      hoverColor: token('color-hover'),
      dividerColor: border,
      borderColor: border,
      boxShadow1: token('shadow-card'),
      boxShadow2: token('shadow-float'),
      boxShadow3: token('shadow-float'),
    },
    Button: {
      fontWeight: token('weight-medium'),
      border: `1px solid ${token('color-border-strong')}66`,
      textColorPrimary: token('color-on-accent'),
      textColorHoverPrimary: token('color-on-accent'),
      textColorPressedPrimary: token('color-on-accent'),
      textColorFocusPrimary: token('color-on-accent'),
      textColorDisabledPrimary: token('color-on-accent'),
    },
    // An empty box has nothing but its border to be seen by.
    Checkbox: { border: `1px solid ${token('color-border-strong')}` },
    // As chips that are on, in either theme.
    Radio: {
      buttonColorActive: token('color-selected'),
      buttonTextColorActive: token('color-accent'),
    },
    Input: fields,
    Select: { peers: { InternalSelection: fields } },
    Tooltip: { color: text, textColor: surface },
    Tabs: { tabFontSizeMedium: token('text-body'), tabGapMediumLine: '20px' },
    Dropdown: { optionHeightMedium: '30px' },
  };
}
