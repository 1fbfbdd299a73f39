// The rules of time zones that hold today, of the database of IANA as Node 26.10 has it: for each rule, as POSIX writes it, the zones that
// have it, behind the day since 1970 from which on it is theirs. What was before is not known here.
export const ZONES = `
<+0330>-3:30 @19257 Asia/Tehran Iran
<+03>-3 @ Antarctica/Syowa Asia/Aden Asia/Kuwait Asia/Riyadh @882 Asia/Bahrain Asia/Qatar @13787 Asia/Baghdad @15060 Europe/Minsk @16888 Asia/Istanbul Europe/Istanbul Turkey @19048 Asia/Amman @19076 Asia/Damascus
<+0430>-4:30 @-9131 Asia/Kabul
<+04>-4 @ Asia/Dubai Asia/Muscat Indian/Mahe Indian/Reunion @12869 Asia/Tbilisi @14332 Indian/Mauritius @15060 Europe/Samara @15277 Asia/Yerevan @16733 Asia/Baku @16887 Europe/Astrakhan Europe/Ulyanovsk @17139 Europe/Saratov
<+0530>-5:30 @13253 Asia/Colombo
<+0545>-5:45 @5844 Asia/Kathmandu Asia/Katmandu
<+05>-5 @ Indian/Kerguelen @-3653 Indian/Maldives @7921 Asia/Dushanbe @7941 Asia/Samarkand Asia/Tashkent @8053 Asia/Ashgabat Asia/Ashkhabad @12505 Asia/Aqtau Asia/Atyrau Asia/Oral @12722 Asia/Aqtobe @14535 Antarctica/Mawson @16369 Asia/Yekaterinburg @17886 Asia/Qyzylorda @19709 Antarctica/Vostok @19783 Asia/Almaty Asia/Qostanay
<+0630>-6:30 @ Indian/Cocos @-9009 Asia/Rangoon Asia/Yangon
<+06>-6 @ Asia/Kashgar Asia/Urumqi @6482 Asia/Thimbu Asia/Thimphu @9496 Indian/Chagos @12869 Asia/Bishkek @14610 Asia/Dacca Asia/Dhaka @16369 Asia/Omsk
<+07>-7 @ Indian/Christmas @-18172 Asia/Bangkok @-8887 Asia/Phnom_Penh @-5375 Asia/Vientiane @1989 Asia/Ho_Chi_Minh Asia/Saigon @15060 Asia/Novokuznetsk @15392 Antarctica/Davis @16369 Asia/Krasnoyarsk @16887 Asia/Barnaul @16950 Asia/Tomsk @17006 Asia/Novosibirsk @17068 Asia/Hovd
<+0845>-8:45 @14332 Australia/Eucla
<+08>-8 @-13514 Asia/Brunei @-8877 Asia/Kuching @4383 Asia/Kuala_Lumpur Asia/Singapore Singapore @16369 Asia/Irkutsk @17068 Asia/Choibalsan Asia/Ulaanbaatar Asia/Ulan_Bator @19425 Antarctica/Casey
<+09>-9 @-25202 Pacific/Palau @11217 Asia/Dili @16369 Asia/Khandyga Asia/Yakutsk @16887 Asia/Chita
<+1030>-10:30<+11>-11,M10.1.0,M4.1.0 @13814 Australia/LHI Australia/Lord_Howe
<+10>-10 @-27393 Pacific/Port_Moresby Pacific/Truk Pacific/Yap @-4809 Antarctica/DumontDUrville @16369 Asia/Ust-Nera Asia/Vladivostok
<+11>-11 @ Pacific/Guadalcanal Pacific/Ponape @8424 Pacific/Efate @9922 Pacific/Noumea @10592 Pacific/Kosrae @16369 Asia/Srednekolymsk @16432 Pacific/Bougainville @16887 Asia/Sakhalin @16915 Asia/Magadan
<+11>-11<+12>,M10.1.0,M4.1.0/3 @18175 Pacific/Norfolk
<+1245>-12:45<+1345>,M9.5.0/2:45,M4.1.0/3:45 @13786 NZ-CHAT Pacific/Chatham
<+12>-12 @ Pacific/Funafuti Pacific/Tarawa Pacific/Wake Pacific/Wallis @-92 Pacific/Majuro @3327 Pacific/Nauru @8634 Kwajalein Pacific/Kwajalein @15060 Asia/Anadyr Asia/Kamchatka @18644 Pacific/Fiji
<+13>-13 @9131 Pacific/Enderbury Pacific/Kanton @15339 Pacific/Fakaofo @17181 Pacific/Tongatapu @18721 Pacific/Apia
<+14>-14 @9131 Pacific/Kiritimati
<-01>1 @2155 Atlantic/Cape_Verde
<-01>1<+00>,M3.5.0/0,M10.5.0/1 @9587 Atlantic/Azores
<-02>2 @ Atlantic/South_Georgia @11736 America/Noronha Brazil/DeNoronha
<-02>2<-01>,M3.5.0/-1,M10.5.0/0 @19814 America/Godthab America/Nuuk America/Scoresbysund
<-03>3 @ Antarctica/Rothera @-822 America/Cayenne @5388 America/Paramaribo @6612 America/Belem @11736 America/Fortaleza America/Maceio America/Recife @13955 America/Argentina/Catamarca America/Argentina/ComodRivadavia America/Argentina/Jujuy America/Argentina/La_Rioja America/Argentina/Mendoza America/Argentina/Rio_Gallegos America/Argentina/Salta America/Argentina/San_Juan America/Argentina/Ushuaia America/Catamarca America/Jujuy America/Mendoza @14055 America/Santarem @14319 America/Argentina/Buenos_Aires America/Argentina/Cordoba America/Argentina/Tucuman America/Buenos_Aires America/Cordoba America/Rosario @14529 America/Argentina/San_Luis @14858 Atlantic/Stanley @15397 America/Bahia @15754 America/Araguaina @16503 America/Montevideo @17028 America/Punta_Arenas Antarctica/Palmer @17945 America/Sao_Paulo Brazil/East @19975 America/Coyhaique @20003 America/Asuncion
<-03>3<-02>,M3.2.0,M11.1.0 @13584 America/Miquelon
<-04>4 @-13799 America/La_Paz @6612 America/Porto_Velho @8124 America/Guyana @8817 America/Manaus Brazil/West @11246 America/Boa_Vista @16923 America/Caracas @17945 America/Campo_Grande America/Cuiaba
<-04>4<-03>,M9.1.6/24,M4.1.6/24 @19247 America/Santiago Chile/Continental
<-05>5 @8437 America/Guayaquil @8439 America/Bogota @8857 America/Lima @16020 America/Eirunepe America/Porto_Acre America/Rio_Branco Brazil/Acre
<-06>6 @8437 Pacific/Galapagos
<-06>6<-05>,M9.1.6/22,M4.1.6/22 @19247 Chile/EasterIsland Pacific/Easter
<-08>8 @10344 Pacific/Pitcairn
<-0930>9:30 @ Pacific/Marquesas
<-09>9 @ Pacific/Gambier
<-10>10 @ Pacific/Tahiti @7732 Pacific/Rarotonga
<-11>11 @-2009 Pacific/Niue
ACST-9:30 @-9412 Australia/Darwin Australia/North
ACST-9:30ACDT,M10.1.0,M4.1.0/3 @13814 Australia/Adelaide Australia/Broken_Hill Australia/South Australia/Yancowinna
AEST-10 @8095 Australia/Brisbane Australia/Queensland @8830 Australia/Lindeman
AEST-10AEDT,M10.1.0,M4.1.0/3 @13793 Australia/Currie Australia/Hobart Australia/Tasmania @13814 Australia/ACT Australia/Canberra Australia/Melbourne Australia/NSW Australia/Sydney Australia/Victoria @15067 Antarctica/Macquarie
AKST9AKDT,M3.2.0,M11.1.0 @13584 America/Anchorage America/Juneau America/Nome America/Sitka America/Yakutat US/Alaska @17917 America/Metlakatla
AST4 @ America/Anguilla America/Dominica America/Grenada America/Guadeloupe America/Montserrat America/Port_of_Spain America/St_Kitts America/St_Thomas America/Tortola @-21184 America/St_Lucia America/St_Vincent @-8858 America/Blanc-Sablon America/Kralendijk America/Lower_Princes America/Marigot America/Puerto_Rico America/St_Barthelemy America/Virgin @-6939 America/Antigua @-1825 America/Aruba America/Curacao @3921 America/Barbados @3924 America/Martinique @11295 America/Santo_Domingo
AST4ADT,M3.2.0,M11.1.0 @13584 America/Glace_Bay America/Halifax America/Moncton America/Thule Atlantic/Bermuda Canada/Atlantic @15285 America/Goose_Bay
AWST-8 @14332 Australia/Perth Australia/West
CAT-2 @ Africa/Bujumbura Africa/Harare Africa/Kigali Africa/Lusaka Africa/Maputo @-18148 Africa/Lubumbashi @-16255 Africa/Blantyre @-9419 Africa/Gaborone @17413 Africa/Windhoek @17471 Africa/Khartoum @18659 Africa/Juba
CET-1 @4138 Africa/Algiers @14179 Africa/Tunis
CET-1CEST,M3.5.0,M10.5.0/3 @9587 Africa/Ceuta Arctic/Longyearbyen Atlantic/Jan_Mayen Europe/Amsterdam Europe/Andorra Europe/Belgrade Europe/Berlin Europe/Bratislava Europe/Brussels Europe/Budapest Europe/Busingen Europe/Copenhagen Europe/Gibraltar Europe/Ljubljana Europe/Luxembourg Europe/Madrid Europe/Malta Europe/Monaco Europe/Oslo Europe/Paris Europe/Podgorica Europe/Prague Europe/Rome Europe/San_Marino Europe/Sarajevo Europe/Skopje Europe/Stockholm Europe/Tirane Europe/Vaduz Europe/Vatican Europe/Vienna Europe/Warsaw Europe/Zagreb Europe/Zurich Poland
CST-8 @3560 Asia/Taipei ROC @3580 Asia/Macao Asia/Macau @7927 Asia/Chongqing Asia/Chungking Asia/Harbin Asia/Shanghai PRC
CST5CDT,M3.2.0/0,M11.1.0/1 @15432 America/Havana Cuba
CST6 @-3538 America/Regina Canada/Saskatchewan @851 America/Swift_Current @4791 America/Belize @6843 America/El_Salvador @8110 America/Costa_Rica @13368 America/Tegucigalpa @13423 America/Guatemala America/Managua @19086 America/Chihuahua @19296 America/Bahia_Banderas America/Merida America/Mexico_City America/Monterrey Mexico/General
CST6CDT,M3.2.0,M11.1.0 @13584 America/Chicago America/Indiana/Knox America/Indiana/Tell_City America/Knox_IN America/Menominee America/North_Dakota/Center America/North_Dakota/New_Salem America/Rainy_River America/Rankin_Inlet America/Resolute America/Winnipeg Canada/Central US/Central US/Indiana-Starke @14683 America/Matamoros @14921 America/North_Dakota/Beulah @19429 America/Ojinaga
ChST-10 @2796 Pacific/Guam Pacific/Saipan
EAT-3 @ Africa/Djibouti Indian/Comoro Indian/Mayotte @-12294 Africa/Addis_Ababa @-10015 Africa/Asmera Africa/Nairobi @-5695 Indian/Antananarivo @-4748 Africa/Kampala Africa/Mogadishu @-3287 Africa/Dar_es_Salaam
EET-2 @15793 Africa/Tripoli Libya @16369 Europe/Kaliningrad
EET-2EEST,M3.4.4/50,M10.4.4/50 @42513 Asia/Gaza Asia/Hebron
EET-2EEST,M3.5.0/0,M10.5.0/0 @10678 Asia/Beirut
EET-2EEST,M3.5.0/3,M10.5.0/4 @9587 Europe/Athens Europe/Helsinki Europe/Mariehamn @9797 Europe/Kiev Europe/Kyiv Europe/Uzhgorod Europe/Zaporozhye @9951 Europe/Bucharest Europe/Sofia @10525 Asia/Nicosia Europe/Nicosia @11407 Europe/Riga @11778 Europe/Tallinn @12142 Europe/Vilnius @17469 Asia/Famagusta @19327 Europe/Chisinau Europe/Tiraspol
EET-2EEST,M4.5.5/0,M10.5.4/24 @19475 Africa/Cairo Egypt
EST5 @-22533 America/Coral_Harbour America/Panama @-21153 America/Cayman @5051 America/Jamaica Jamaica @16468 America/Cancun
EST5EDT,M3.2.0,M11.1.0 @13584 America/Detroit America/Fort_Wayne America/Indiana/Indianapolis America/Indiana/Marengo America/Indiana/Vevay America/Indiana/Winamac America/Indianapolis America/Iqaluit America/Kentucky/Louisville America/Kentucky/Monticello America/Louisville America/Montreal America/Nassau America/New_York America/Nipigon America/Pangnirtung America/Thunder_Bay America/Toronto Canada/Eastern US/East-Indiana US/Eastern US/Michigan @13822 America/Indiana/Petersburg America/Indiana/Vincennes @17238 America/Port-au-Prince @17602 America/Grand_Turk
GMT0 @ Africa/Abidjan Africa/Lome Africa/Ouagadougou Africa/Timbuktu Etc/GMT Etc/GMT+0 Etc/GMT-0 Etc/GMT0 Etc/Greenwich GMT GMT+0 GMT-0 GMT0 Greenwich Iceland @-10440 Africa/Dakar @-10251 Africa/Freetown @-10195 Africa/Banjul @-6939 Atlantic/St_Helena @-5113 Africa/Accra @-3652 Africa/Conakry @-3481 Africa/Bamako @-3320 Africa/Nouakchott @-633 Atlantic/Reykjavik @737 Africa/Monrovia @1827 Africa/Bissau @9497 America/Danmarkshavn @17898 Africa/Sao_Tome
GMT0BST,M3.5.0/1,M10.5.0 @9587 Europe/Belfast Europe/Guernsey Europe/Isle_of_Man Europe/Jersey Europe/London GB GB-Eire
HKT-8 @3580 Asia/Hong_Kong Hongkong
HST10 @-8242 Pacific/Honolulu Pacific/Johnston US/Hawaii
HST10HDT,M3.2.0,M11.1.0 @13584 America/Adak America/Atka US/Aleutian
IST-1GMT0,M10.5.0,M3.5.0/1 @9587 Eire Europe/Dublin
IST-2IDT,M3.4.4/26,M10.5.0 @15793 Asia/Jerusalem Asia/Tel_Aviv Israel
IST-5:30 @-8844 Asia/Calcutta Asia/Kolkata
JST-9 @-6689 Asia/Tokyo Japan
KST-9 @6856 Asia/Seoul ROK @17656 Asia/Pyongyang
MDT6 @20521 America/Edmonton America/Yellowknife Canada/Mountain
MSK-3 @16369 Europe/Kirov Europe/Moscow Europe/Simferopol W-SU @18623 Europe/Volgograd
MST7 @-18840 America/Creston @-794 America/Phoenix US/Arizona @851 America/Dawson_Creek @10525 America/Hermosillo @16503 America/Fort_Nelson @18330 America/Dawson America/Whitehorse Canada/Yukon @19296 America/Mazatlan Mexico/BajaSur
MST7MDT,M3.2.0,M11.1.0 @13584 America/Boise America/Cambridge_Bay America/Denver America/Inuvik America/Shiprock Navajo US/Mountain @19327 America/Ciudad_Juarez
NST3:30NDT,M3.2.0,M11.1.0 @15285 America/St_Johns Canada/Newfoundland
NZST-12NZDT,M9.5.0,M4.1.0/3 @13786 Antarctica/McMurdo Antarctica/South_Pole NZ Pacific/Auckland
PDT7 @20521 America/Vancouver Canada/Pacific
PKT-5 @14549 Asia/Karachi
PST-8 @7514 Asia/Manila
PST8PDT,M3.2.0,M11.1.0 @13584 America/Los_Angeles US/Pacific @14683 America/Ensenada America/Santa_Isabel America/Tijuana Mexico/BajaNorte
SAST-2 @ Africa/Mbabane @-9419 Africa/Johannesburg Africa/Maseru
SST11 @-21549 Pacific/Pago_Pago Pacific/Samoa US/Samoa @-4868 Pacific/Midway
UTC0 @ Etc/UCT Etc/UTC Etc/Universal Etc/Zulu UCT UTC Universal Zulu
WAT-1 @ Africa/Bangui Africa/Brazzaville Africa/Douala Africa/Kinshasa Africa/Libreville @-21185 Africa/Luanda @-18385 Africa/Lagos @-13093 Africa/Porto-Novo @-3653 Africa/Niamey @-2209 Africa/Malabo @3719 Africa/Ndjamena
WET0WEST,M3.5.0/1,M10.5.0 @9587 Atlantic/Canary Atlantic/Faeroe Atlantic/Faroe Atlantic/Madeira Europe/Lisbon Portugal
WIB-7 @-2192 Asia/Jakarta @6574 Asia/Pontianak
WIT-9 @-2192 Asia/Jayapura
WITA-8 @-8866 Asia/Makassar Asia/Ujung_Pandang
`;
