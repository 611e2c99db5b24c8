# ruff: noqa: E501  (word tables are read and edited as text)
"""Words of the Czech side, as text: a line a word, read by `czech`. No Czech speaker checked them."""

# kind: english: nominative, accusative, dative, plural nominative, plural accusative, gender
# Genders: a masculine animate, i masculine inanimate, f, n. Only who can be given things has a dative.
NOUNS = """
person: student: student, studenta, studentovi, studenti, studenty, a
person: pilot: pilot, pilota, pilotovi, piloti, piloty, a
person: partner: partner, partnera, partnerovi, partneři, partnery, a
person: man: muž, muže, muži, muži, muže, a
person: woman: žena, ženu, ženě, ženy, ženy, f
person: boy: chlapec, chlapce, chlapci, chlapci, chlapce, a
person: girl: dívka, dívku, dívce, dívky, dívky, f
person: teacher: učitel, učitele, učiteli, učitelé, učitele, a
person: doctor: lékař, lékaře, lékaři, lékaři, lékaře, a
person: friend: přítel, přítele, příteli, přátelé, přátele, a
person: mother: matka, matku, matce, matky, matky, f
person: father: otec, otce, otci, otcové, otce, a
person: sister: sestra, sestru, sestře, sestry, sestry, f
person: brother: bratr, bratra, bratrovi, bratři, bratry, a
person: daughter: dcera, dceru, dceři, dcery, dcery, f
person: neighbour: soused, souseda, sousedovi, sousedé, sousedy, a
person: baker: pekař, pekaře, pekaři, pekaři, pekaře, a
person: singer: zpěvačka, zpěvačku, zpěvačce, zpěvačky, zpěvačky, f
person: judge: soudce, soudce, soudci, soudci, soudce, a
person: farmer: zemědělec, zemědělce, zemědělci, zemědělci, zemědělce, a
person: scientist: vědec, vědce, vědci, vědci, vědce, a
animal: tiger: tygr, tygra, tygrovi, tygři, tygry, a
animal: panda: panda, pandu, pandě, pandy, pandy, f
animal: dog: pes, psa, psovi, psi, psy, a
animal: cat: kočka, kočku, kočce, kočky, kočky, f
animal: bird: pták, ptáka, ptákovi, ptáci, ptáky, a
animal: goat: koza, kozu, koze, kozy, kozy, f
animal: rabbit: králík, králíka, králíkovi, králíci, králíky, a
animal: bear: medvěd, medvěda, medvědovi, medvědi, medvědy, a
animal: donkey: osel, osla, oslovi, osli, osly, a
thing: hammer: kladivo, kladivo, , kladiva, kladiva, n
thing: radio: rádio, rádio, , rádia, rádia, n
thing: ring: prsten, prsten, , prsteny, prsteny, i
thing: ball: míč, míč, , míče, míče, i
thing: computer: počítač, počítač, , počítače, počítače, i
thing: lamp: lampa, lampu, , lampy, lampy, f
thing: chair: židle, židli, , židle, židle, f
thing: table: stůl, stůl, , stoly, stoly, i
thing: picture: obraz, obraz, , obrazy, obrazy, i
thing: key: klíč, klíč, , klíče, klíče, i
thing: mirror: zrcadlo, zrcadlo, , zrcadla, zrcadla, n
thing: box: krabice, krabici, , krabice, krabice, f
thing: coat: kabát, kabát, , kabáty, kabáty, i
thing: knife: nůž, nůž, , nože, nože, i
thing: suitcase: kufr, kufr, , kufry, kufry, i
thing: bicycle: kolo, kolo, , kola, kola, n
thing: gift: dárek, dárek, , dárky, dárky, i
thing: map: mapa, mapu, , mapy, mapy, f
food: pizza: pizza, pizzu, , pizzy, pizzy, f
food: sandwich: sendvič, sendvič, , sendviče, sendviče, i
food: apple: jablko, jablko, , jablka, jablka, n
food: cake: dort, dort, , dorty, dorty, i
food: soup: polévka, polévku, , polévky, polévky, f
food: fish: ryba, rybu, , ryby, ryby, f
food: pear: hruška, hrušku, , hrušky, hrušky, f
food: potato: brambora, bramboru, , brambory, brambory, f
place: hotel: hotel, hotel, , hotely, hotely, i
place: museum: muzeum, muzeum, , muzea, muzea, n
place: park: park, park, , parky, parky, i
place: restaurant: restaurace, restauraci, , restaurace, restaurace, f
place: garden: zahrada, zahradu, , zahrady, zahrady, f
place: kitchen: kuchyně, kuchyni, , kuchyně, kuchyně, f
place: house: dům, dům, , domy, domy, i
place: school: škola, školu, , školy, školy, f
place: forest: les, les, , lesy, lesy, i
place: village: vesnice, vesnici, , vesnice, vesnice, f
place: church: kostel, kostel, , kostely, kostely, i
place: office: kancelář, kancelář, , kanceláře, kanceláře, f
place: hospital: nemocnice, nemocnici, , nemocnice, nemocnice, f
place: library: knihovna, knihovnu, , knihovny, knihovny, f
place: cellar: sklep, sklep, , sklepy, sklepy, i
text: book: kniha, knihu, , knihy, knihy, f
text: letter: dopis, dopis, , dopisy, dopisy, i
text: story: příběh, příběh, , příběhy, příběhy, i
text: question: otázka, otázku, , otázky, otázky, f
text: answer: odpověď, odpověď, , odpovědi, odpovědi, f
text: word: slovo, slovo, , slova, slova, n
idea: plan: plán, plán, , plány, plány, i
idea: problem: problém, problém, , problémy, problémy, i
idea: film: film, film, , filmy, filmy, i
idea: dream: sen, sen, , sny, sny, i
opening: window: okno, okno, , okna, okna, n
opening: shop: obchod, obchod, , obchody, obchody, i
opening: gate: brána, bránu, , brány, brány, f
"""

# english: with `in` (locative), behind and in front of (instrumental), near (genitive)
PLACES = """
hotel: v hotelu, hotelem, hotelu
museum: v muzeu, muzeem, muzea
park: v parku, parkem, parku
restaurant: v restauraci, restaurací, restaurace
garden: v zahradě, zahradou, zahrady
kitchen: v kuchyni, kuchyní, kuchyně
house: v domě, domem, domu
school: ve škole, školou, školy
forest: v lese, lesem, lesa
village: ve vesnici, vesnicí, vesnice
church: v kostele, kostelem, kostela
office: v kanceláři, kanceláří, kanceláře
hospital: v nemocnici, nemocnicí, nemocnice
library: v knihovně, knihovnou, knihovny
cellar: ve sklepě, sklepem, sklepa
"""

# english | infinitive | present: I you he we they | past: he, stem of the others | future, or - if it
# is `budu` and the infinitive | case of the object: acc, dat, both, none | kinds of object
# Present is imperfective; past and future are perfective where the verb has a usual partner.
VERBS = """
see | vidět | vidím vidíš vidí vidíme vidí | viděl viděl | uvidím uvidíš uvidí uvidíme uvidí | acc | person,animal,thing,place
find | najít | nacházím nacházíš nachází nacházíme nacházejí | našel našl | najdu najdeš najde najdeme najdou | acc | thing,person,animal
help | pomoci | pomáhám pomáháš pomáhá pomáháme pomáhají | pomohl pomohl | pomohu pomůžeš pomůže pomůžeme pomohou | dat | person,animal
call | zavolat | volám voláš volá voláme volají | zavolal zavolal | zavolám zavoláš zavolá zavoláme zavolají | dat | person
give | dát | dávám dáváš dává dáváme dávají | dal dal | dám dáš dá dáme dají | both | thing,food
buy | koupit | kupuji kupuješ kupuje kupujeme kupují | koupil koupil | koupím koupíš koupí koupíme koupí | acc | thing,food,animal
open | otevřít | otevírám otevíráš otevírá otevíráme otevírají | otevřel otevřel | otevřu otevřeš otevře otevřeme otevřou | acc | opening
close | zavřít | zavírám zavíráš zavírá zavíráme zavírají | zavřel zavřel | zavřu zavřeš zavře zavřeme zavřou | acc | opening
read | přečíst | čtu čteš čte čteme čtou | přečetl přečetl | přečtu přečteš přečte přečteme přečtou | acc | text
write | napsat | píšu píšeš píše píšeme píšou | napsal napsal | napíšu napíšeš napíše napíšeme napíšou | acc | text
love | milovat | miluji miluješ miluje milujeme milují | miloval miloval | - | acc | person,animal
visit | navštívit | navštěvuji navštěvuješ navštěvuje navštěvujeme navštěvují | navštívil navštívil | navštívím navštívíš navštíví navštívíme navštíví | acc | person,place
invite | pozvat | zvu zveš zve zveme zvou | pozval pozval | pozvu pozveš pozve pozveme pozvou | acc | person
look for | hledat | hledám hledáš hledá hledáme hledají | hledal hledal | - | acc | thing,person,animal
eat | sníst | jím jíš jí jíme jedí | snědl snědl | sním sníš sní sníme snědí | acc | food
cook | uvařit | vařím vaříš vaří vaříme vaří | uvařil uvařil | uvařím uvaříš uvaří uvaříme uvaří | acc | food
carry | nést | nesu neseš nese neseme nesou | nesl nesl | ponesu poneseš ponese poneseme ponesou | acc | thing,animal
wash | umýt | myji myješ myje myjeme myjí | umyl umyl | umyji umyješ umyje umyjeme umyjí | acc | thing,animal
draw | nakreslit | kreslím kreslíš kreslí kreslíme kreslí | nakreslil nakreslil | nakreslím nakreslíš nakreslí nakreslíme nakreslí | acc | person,animal,place,thing
lose | ztratit | ztrácím ztrácíš ztrácí ztrácíme ztrácejí | ztratil ztratil | ztratím ztratíš ztratí ztratíme ztratí | acc | thing
know | znát | znám znáš zná známe znají | znal znal | - | acc | person,place,idea
repair | opravit | opravuji opravuješ opravuje opravujeme opravují | opravil opravil | opravím opravíš opraví opravíme opraví | acc | thing,opening
sell | prodat | prodávám prodáváš prodává prodáváme prodávají | prodal prodal | prodám prodáš prodá prodáme prodají | acc | thing,food,animal
hear | slyšet | slyším slyšíš slyší slyšíme slyší | slyšel slyšel | uslyším uslyšíš uslyší uslyšíme uslyší | acc | person,animal
meet | potkat | potkávám potkáváš potkává potkáváme potkávají | potkal potkal | potkám potkáš potká potkáme potkají | acc | person
show | ukázat | ukazuji ukazuješ ukazuje ukazujeme ukazují | ukázal ukázal | ukážu ukážeš ukáže ukážeme ukážou | both | thing,place,animal
send | poslat | posílám posíláš posílá posíláme posílají | poslal poslal | pošlu pošleš pošle pošleme pošlou | both | thing
bring | přinést | přináším přinášíš přináší přinášíme přinášejí | přinesl přinesl | přinesu přineseš přinese přineseme přinesou | both | thing,food
thank | poděkovat | děkuji děkuješ děkuje děkujeme děkují | poděkoval poděkoval | poděkuji poděkuješ poděkuje poděkujeme poděkují | dat | person
follow | sledovat | sleduji sleduješ sleduje sledujeme sledují | sledoval sledoval | - | acc | person,animal
answer | odpovědět | odpovídám odpovídáš odpovídá odpovídáme odpovídají | odpověděl odpověděl | odpovím odpovíš odpoví odpovíme odpovědí | dat | person
trust | věřit | věřím věříš věří věříme věří | věřil věřil | - | dat | person
watch | pozorovat | pozoruji pozoruješ pozoruje pozorujeme pozorují | pozoroval pozoroval | - | acc | person,animal
throw away | vyhodit | vyhazuji vyhazuješ vyhazuje vyhazujeme vyhazují | vyhodil vyhodil | vyhodím vyhodíš vyhodí vyhodíme vyhodí | acc | thing,food
prepare | připravit | připravuji připravuješ připravuje připravujeme připravují | připravil připravil | připravím připravíš připraví připravíme připraví | acc | food,idea
listen to | poslouchat | poslouchám posloucháš poslouchá posloucháme poslouchají | poslouchal poslouchal | - | acc | person
sleep | spát | spím spíš spí spíme spí | spal spal | - | none |
work | pracovat | pracuji pracuješ pracuje pracujeme pracují | pracoval pracoval | - | none |
wait | čekat | čekám čekáš čeká čekáme čekají | čekal čekal | - | none |
sing | zpívat | zpívám zpíváš zpívá zpíváme zpívají | zpíval zpíval | - | none |
stay | zůstat | zůstávám zůstáváš zůstává zůstáváme zůstávají | zůstal zůstal | zůstanu zůstaneš zůstane zůstaneme zůstanou | none |
think | myslet | myslím myslíš myslí myslíme myslí | myslel myslel | - | that |
say | říct | říkám říkáš říká říkáme říkají | řekl řekl | řeknu řekneš řekne řekneme řeknou | that |
hope | doufat | doufám doufáš doufá doufáme doufají | doufal doufal | - | that |
can | moci | mohu můžeš může můžeme mohou | mohl mohl | - | modal |
must | muset | musím musíš musí musíme musí | musel musel | - | modal |
want | chtít | chci chceš chce chceme chtějí | chtěl chtěl | - | modal |
be | být | jsem jsi je jsme jsou | byl byl | budu budeš bude budeme budou | be |
"""

# english, masculine, masculine animate plural
ADJECTIVES = """
old, starý, staří
young, mladý, mladí
big, velký, velcí
small, malý, malí
new, nový, noví
red, červený, červení
green, zelený, zelení
beautiful, krásný, krásní
ugly, ošklivý, oškliví
heavy, těžký, těžcí
expensive, drahý, drazí
dark, tmavý, tmaví
cheap, levný, levní
strange, divný, divní
famous, slavný, slavní
quiet, tichý, tiší
friendly, přátelský, přátelští
clever, chytrý, chytří
tired, unavený, unavení
rich, bohatý, bohatí
poor, chudý, chudí
sad, smutný, smutní
dirty, špinavý, špinaví
good, dobrý, dobří
"""
