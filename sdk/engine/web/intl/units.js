// Currencies and units, as American English writes them. The data is that of CLDR.

/** Symbols of currencies; of the others it is their code. */
const SYMBOLS = symbols(
  'AUD:A$ BRL:R$ CAD:CA$ CNY:CN¥ EUR:€ GBP:£ HKD:HK$ ILS:₪ INR:₹ JPY:¥ KRW:₩ MXN:MX$ NZD:NZ$ PHP:₱ TWD:NT$ USD:$ VND:₫ XAF:FCFA XCD:EC$ XCG:Cg. XOF:F\u202fCFA XPF:CFPF',
);
/** Symbols that are short, and may be those of several. */
const NARROW = symbols(
  'AFN:؋ AMD:֏ AOA:Kz ARS:$ AUD:$ AZN:₼ BAM:KM BBD:$ BDT:৳ BMD:$ BND:$ BOB:Bs BSD:$ BWP:P BZD:$ CAD:$ CLP:$ CNY:¥ COP:$ CRC:₡ CUC:$ CUP:$ CZK:Kč DKK:kr DOP:$ EGP:E£ FJD:$ FKP:£ GEL:₾ GHS:GH₵ GIP:£ GNF:FG GTQ:Q GYD:$ HKD:$ HNL:L HRK:kn HUF:Ft IDR:Rp ISK:kr JMD:$ KGS:⃀ KHR:៛ KMF:CF KPW:₩ KYD:$ KZT:₸ LAK:₭ LBP:L£ LKR:Rs LRD:$ MGA:Ar MMK:K MNT:₮ MUR:Rs MXN:$ MYR:RM NAD:$ NGN:₦ NIO:C$ NOK:kr NPR:Rs NZD:$ PKR:Rs PLN:zł PYG:₲ RON:lei RUB:₽ RWF:RF SBD:$ SEK:kr SGD:$ SHP:£ SRD:$ SSP:£ STN:Db SYP:£ THB:฿ TOP:T$ TRY:₺ TTD:$ TWD:$ UAH:₴ UYU:$ XCD:$ ZAR:R ZMW:ZK',
);
const WITHOUT_DIGITS = new Set(
  'AFN ALL BIF CLP COP DJF GNF HUF IDR IQD IRR ISK JPY KMF KPW KRW LAK LBP MGA MMK PKR PYG RWF SLL SOS SYP UGX VND VUV XAF XOF XPF YER'.split(
    ' ',
  ),
);
const THREE_DIGITS = new Set('BHD JOD KWD LYD OMR TND'.split(' '));
const NAMES = {
  USD: ['US dollar', 'US dollars'],
  EUR: ['euro', 'euros'],
  GBP: ['British pound', 'British pounds'],
  JPY: ['Japanese yen', 'Japanese yen'],
  CHF: ['Swiss franc', 'Swiss francs'],
  CAD: ['Canadian dollar', 'Canadian dollars'],
  AUD: ['Australian dollar', 'Australian dollars'],
  CNY: ['Chinese yuan', 'Chinese yuan'],
  INR: ['Indian rupee', 'Indian rupees'],
  MXN: ['Mexican peso', 'Mexican pesos'],
};

function symbols(text) {
  return new Map(text.split(' ').map((entry) => entry.split(':')));
}

export function currencySymbol(currency, display) {
  if (display === 'code') return currency;
  const narrow = display === 'narrowSymbol' ? NARROW.get(currency) : undefined;
  return narrow ?? SYMBOLS.get(currency) ?? currency;
}

export function currencyName(currency, plural) {
  const names = NAMES[currency];
  if (names) return names[plural === 'one' ? 0 : 1];
  throw new RangeError(`The name of ${currency} is not known here: use currencyDisplay "code"`);
}

export function currencyDigits(currency) {
  return WITHOUT_DIGITS.has(currency) ? 0 : THREE_DIGITS.has(currency) ? 3 : 2;
}

/** The unit; how it is written short, narrow and long, for one and for more. */
const UNITS = new Map(
  `acre;ac;ac;acre|acres
bit;bit;bit;bit|bits
byte;byte;B;byte|bytes
celsius;°C;°C;degree Celsius|degrees Celsius
centimeter;cm;cm;centimeter|centimeters
day;day|days;d;day|days
degree;deg;°;degree|degrees
fahrenheit;°F;°;degree Fahrenheit|degrees Fahrenheit
fluid-ounce;fl oz;fl oz;fluid ounce|fluid ounces
foot;ft;′;foot|feet
gallon;gal;gal;gallon|gallons
gigabit;Gb;Gb;gigabit|gigabits
gigabyte;GB;GB;gigabyte|gigabytes
gram;g;g;gram|grams
hectare;ha;ha;hectare|hectares
hour;hr;h;hour|hours
inch;in;″;inch|inches
kilobit;kb;kb;kilobit|kilobits
kilobyte;kB;kB;kilobyte|kilobytes
kilogram;kg;kg;kilogram|kilograms
kilometer;km;km;kilometer|kilometers
liter;L;L;liter|liters
megabit;Mb;Mb;megabit|megabits
megabyte;MB;MB;megabyte|megabytes
meter;m;m;meter|meters
microsecond;μs;μs;microsecond|microseconds
mile;mi;mi;mile|miles
milliliter;mL;mL;milliliter|milliliters
millimeter;mm;mm;millimeter|millimeters
millisecond;ms;ms;millisecond|milliseconds
minute;min;m;minute|minutes
month;mth|mths;m;month|months
nanosecond;ns;ns;nanosecond|nanoseconds
ounce;oz;oz;ounce|ounces
percent;%;%;percent
petabyte;PB;PB;petabyte|petabytes
pound;lb;#;pound|pounds
second;sec;s;second|seconds
stone;st;st;stone|stones
terabit;Tb;Tb;terabit|terabits
terabyte;TB;TB;terabyte|terabytes
week;wk|wks;w;week|weeks
yard;yd;yd;yard|yards
year;yr|yrs;y;year|years`
    .split('\n')
    .map((line) => {
      const [name, short, narrow, long] = line.split(';');
      return [name, { short: short.split('|'), narrow: [narrow], long: long.split('|') }];
    }),
);

export const unitNames = () => [...UNITS.keys()].sort();
/** Those that have a symbol or digits of their own; others are written with their code. */
export const currencyNames = () =>
  [...new Set([...SYMBOLS.keys(), ...NARROW.keys(), ...WITHOUT_DIGITS, ...THREE_DIGITS, ...Object.keys(NAMES)])].sort();

const PER = { day: 'd', hour: 'h', minute: 'min', month: 'm', second: 's', week: 'w', year: 'y' };
const JOINT = { 'mile-per-hour': 'mph', 'mile-per-gallon': 'mpg' };

/** Throws a RangeError for a unit that is none. */
export function checkedUnit(unit) {
  if (unit === undefined) throw new TypeError('The style "unit" wants a unit: "kilometer-per-hour"');
  if (
    String(unit)
      .split('-per-')
      .every((part) => UNITS.has(part))
  )
    return String(unit);
  throw new RangeError(`"${unit}" is no unit: ${[...UNITS.keys()].join(', ')} are, and those with -per- between`);
}

/** The digits with their unit. */
export function unitParts(digits, { unit, unitDisplay }, plural) {
  const [one, per] = unit.split('-per-');
  const forms = UNITS.get(one)[unitDisplay];
  const own = forms[plural === 'one' ? 0 : forms.length - 1];
  let value = own;
  if (per !== undefined && unitDisplay === 'long') value = `${own} per ${UNITS.get(per).long[0]}`;
  else if (per !== undefined) value = JOINT[unit] ?? `${own}/${PER[per] ?? UNITS.get(per).short[0]}`;
  const isClose = unitDisplay === 'narrow' || value === '%' || value.startsWith('°');
  const space = isClose && !(unitDisplay === 'long') ? [] : [{ type: 'literal', value: ' ' }];
  return [...digits, ...space, { type: 'unit', value }];
}
