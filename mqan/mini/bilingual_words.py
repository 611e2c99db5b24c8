# ruff: noqa: E501  (word tables are read and edited as text)
"""Open word classes of the English-German lexicon, as text: a line a word, read by `bilingual`."""

# Words that both languages share stand first in each kind and are the most frequent ones; they can
# be copied. kind: english, plural, German, plural, gender [, weak form]
NOUNS = """
person: student, students, Student, Studenten, m, Studenten
person: pilot, pilots, Pilot, Piloten, m, Piloten
person: partner, partners, Partner, Partner, m
person: boss, bosses, Boss, Bosse, m
person: man, men, Mann, Männer, m
person: woman, women, Frau, Frauen, f
person: child, children, Kind, Kinder, n
person: boy, boys, Junge, Jungen, m, Jungen
person: girl, girls, Mädchen, Mädchen, n
person: teacher, teachers, Lehrer, Lehrer, m
person: doctor, doctors, Arzt, Ärzte, m
person: friend, friends, Freund, Freunde, m
person: mother, mothers, Mutter, Mütter, f
person: father, fathers, Vater, Väter, m
person: sister, sisters, Schwester, Schwestern, f
person: brother, brothers, Bruder, Brüder, m
person: daughter, daughters, Tochter, Töchter, f
person: neighbour, neighbours, Nachbar, Nachbarn, m, Nachbarn
person: baker, bakers, Bäcker, Bäcker, m
person: singer, singers, Sängerin, Sängerinnen, f
person: nurse, nurses, Krankenschwester, Krankenschwestern, f
person: judge, judges, Richter, Richter, m
person: farmer, farmers, Bauer, Bauern, m, Bauern
person: scientist, scientists, Wissenschaftler, Wissenschaftler, m
animal: tiger, tigers, Tiger, Tiger, m
animal: pony, ponies, Pony, Ponys, n
animal: panda, pandas, Panda, Pandas, m
animal: dog, dogs, Hund, Hunde, m
animal: cat, cats, Katze, Katzen, f
animal: horse, horses, Pferd, Pferde, n
animal: bird, birds, Vogel, Vögel, m
animal: goat, goats, Ziege, Ziegen, f
animal: rabbit, rabbits, Kaninchen, Kaninchen, n
animal: bear, bears, Bär, Bären, m, Bären
animal: donkey, donkeys, Esel, Esel, m
thing: hammer, hammers, Hammer, Hämmer, m
thing: radio, radios, Radio, Radios, n
thing: ring, rings, Ring, Ringe, m
thing: ball, balls, Ball, Bälle, m
thing: computer, computers, Computer, Computer, m
thing: book, books, Buch, Bücher, n
thing: letter, letters, Brief, Briefe, m
thing: lamp, lamps, Lampe, Lampen, f
thing: chair, chairs, Stuhl, Stühle, m
thing: table, tables, Tisch, Tische, m
thing: picture, pictures, Bild, Bilder, n
thing: key, keys, Schlüssel, Schlüssel, m
thing: bottle, bottles, Flasche, Flaschen, f
thing: clock, clocks, Uhr, Uhren, f
thing: mirror, mirrors, Spiegel, Spiegel, m
thing: box, boxes, Kiste, Kisten, f
thing: coat, coats, Mantel, Mäntel, m
thing: knife, knives, Messer, Messer, n
thing: suitcase, suitcases, Koffer, Koffer, m
thing: bicycle, bicycles, Fahrrad, Fahrräder, n
thing: newspaper, newspapers, Zeitung, Zeitungen, f
thing: gift, gifts, Geschenk, Geschenke, n
thing: map, maps, Karte, Karten, f
food: pizza, pizzas, Pizza, Pizzen, f
food: sandwich, sandwiches, Sandwich, Sandwiches, n
food: apple, apples, Apfel, Äpfel, m
food: cake, cakes, Kuchen, Kuchen, m
food: soup, soups, Suppe, Suppen, f
food: egg, eggs, Ei, Eier, n
food: fish, fish, Fisch, Fische, m
food: pear, pears, Birne, Birnen, f
food: potato, potatoes, Kartoffel, Kartoffeln, f
place: hotel, hotels, Hotel, Hotels, n
place: museum, museums, Museum, Museen, n
place: park, parks, Park, Parks, m
place: restaurant, restaurants, Restaurant, Restaurants, n
place: garden, gardens, Garten, Gärten, m
place: kitchen, kitchens, Küche, Küchen, f
place: house, houses, Haus, Häuser, n
place: school, schools, Schule, Schulen, f
place: forest, forests, Wald, Wälder, m
place: village, villages, Dorf, Dörfer, n
place: church, churches, Kirche, Kirchen, f
place: office, offices, Büro, Büros, n
place: hospital, hospitals, Krankenhaus, Krankenhäuser, n
place: library, libraries, Bibliothek, Bibliotheken, f
place: cellar, cellars, Keller, Keller, m
idea: plan, plans, Plan, Pläne, m
idea: problem, problems, Problem, Probleme, n
idea: film, films, Film, Filme, m
idea: song, songs, Song, Songs, m
idea: story, stories, Geschichte, Geschichten, f
idea: question, questions, Frage, Fragen, f
idea: answer, answers, Antwort, Antworten, f
idea: word, words, Wort, Wörter, n
idea: dream, dreams, Traum, Träume, m
opening: door, doors, Tür, Türen, f
opening: window, windows, Fenster, Fenster, n
opening: shop, shops, Laden, Läden, m
opening: gate, gates, Tor, Tore, n
"""

# english forms | German infinitive, participle | direct objects | options
VERBS = """
see saw seen seeing | sehen gesehen | person,animal,thing,place | siehst/sieht
find found found finding | finden gefunden | thing,person,animal |
help helped helped helping | helfen geholfen | person,animal | hilfst/hilft dat
call called called calling | rufen angerufen | person | <an
give gave given giving | geben gegeben | thing,food | gibst/gibt +person
buy bought bought buying | kaufen gekauft | thing,food,animal |
open opened opened opening | machen aufgemacht | opening | <auf
read read read reading | lesen gelesen | idea | liest/liest
love loved loved loving | lieben geliebt | person,animal,idea |
visit visited visited visiting | besuchen besucht | person,place |
invite invited invited inviting | laden eingeladen | person | lädst/lädt <ein
look_for looked_for looked_for looking_for | suchen gesucht | thing,person,animal |
write wrote written writing | schreiben geschrieben | idea |
eat ate eaten eating | essen gegessen | food | isst/isst
cook cooked cooked cooking | kochen gekocht | food |
carry carried carried carrying | tragen getragen | thing,animal | trägst/trägt
wash washed washed washing | waschen gewaschen | thing,animal | wäschst/wäscht
draw drew drawn drawing | zeichnen gezeichnet | person,animal,place,thing |
forget forgot forgotten forgetting | vergessen vergessen | idea,thing | vergisst/vergisst
lose lost lost losing | verlieren verloren | thing |
understand understood understood understanding | verstehen verstanden | idea,person |
know knew known knowing | kennen gekannt | person,place,idea |
repair repaired repaired repairing | reparieren repariert | thing,opening |
sell sold sold selling | verkaufen verkauft | thing,food,animal |
hear heard heard hearing | hören gehört | idea,person,animal |
meet met met meeting | treffen getroffen | person | triffst/trifft
ask asked asked asking | fragen gefragt | person |
tell told told telling | erzählen erzählt | idea | +person
show showed shown showing | zeigen gezeigt | thing,place,animal | +person
send sent sent sending | schicken geschickt | thing | +person
bring brought brought bringing | bringen gebracht | thing,food | +person
explain explained explained explaining | erklären erklärt | idea | +person
thank thanked thanked thanking | danken gedankt | person | dat
follow followed followed following | folgen gefolgt | person,animal | dat sein
answer answered answered answering | antworten geantwortet | person | dat
trust trusted trusted trusting | vertrauen vertraut | person | dat
close closed closed closing | machen zugemacht | opening | <zu
pick_up picked_up picked_up picking_up | holen abgeholt | person,thing | <ab
watch watched watched watching | schauen angeschaut | person,animal,idea | <an
take_along took_along taken_along taking_along | nehmen mitgenommen | thing,food | nimmst/nimmt <mit
throw_away threw_away thrown_away throwing_away | werfen weggeworfen | thing,food | wirfst/wirft <weg
prepare prepared prepared preparing | bereiten vorbereitet | food,idea | <vor
listen_to listened_to listened_to listening_to | hören zugehört | person | <zu dat
wake_up woke_up woken_up waking_up | wachen aufgewacht | | <auf sein
arrive arrived arrived arriving | kommen angekommen | | <an sein
sleep slept slept sleeping | schlafen geschlafen | | schläfst/schläft
work worked worked working | arbeiten gearbeitet | |
laugh laughed laughed laughing | lachen gelacht | |
wait waited waited waiting | warten gewartet | |
sing sang sung singing | singen gesungen | |
stay stayed stayed staying | bleiben geblieben | | sein
"""

ADJECTIVES = """
old, older, alt, alt, älter
young, younger, jung, jung, jünger
big, bigger, groß, groß, größer
small, smaller, klein, klein, kleiner
new, newer, neu, neu, neuer
red, redder, rot, rot, röter
green, greener, grün, grün, grüner
beautiful, more beautiful, schön, schön, schöner
ugly, uglier, hässlich, hässlich, hässlicher
heavy, heavier, schwer, schwer, schwerer
expensive, more expensive, teuer, teur, teurer
dark, darker, dunkel, dunkl, dunkler
cheap, cheaper, billig, billig, billiger
strange, stranger, seltsam, seltsam, seltsamer
famous, more famous, berühmt, berühmt, berühmter
important, more important, wichtig, wichtig, wichtiger
high, higher, hoch, hoh, höher
quiet, quieter, still, still, stiller
friendly, friendlier, freundlich, freundlich, freundlicher
clever, cleverer, klug, klug, klüger
tired, more tired, müde, müd, müder
rich, richer, reich, reich, reicher
poor, poorer, arm, arm, ärmer
sad, sadder, traurig, traurig, trauriger
dirty, dirtier, schmutzig, schmutzig, schmutziger
good, better, gut, gut, besser
"""
